import type { MarkedSecret } from "#model/sinks.ts";
import type { Resources } from "#config/resources.ts";
import type { SecretSource } from "#config/shapes/secret.ts";

/** Undefined where there is none, or where it could not be had, which has been reported. */
export function markedOf(
  source: SecretSource | undefined,
  { secrets }: Pick<Resources, "secrets">,
): MarkedSecret | undefined {
  const secret = source && secrets.get(source);
  return secret === undefined ? undefined : { secret: true, value: secret.reveal() };
}
