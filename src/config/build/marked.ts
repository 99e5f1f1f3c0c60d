import type { MarkedSecret } from "#model/marked-secret.ts";
import type { Secret } from "#model/secret.ts";
import type { Resources } from "#config/resources.ts";
import type { SecretSource } from "#config/shapes/secret.ts";

export function marked(secret: Secret): MarkedSecret {
  return { secret: true, origin: secret.origin, value: secret.reveal() };
}

/** Undefined where there is none, or where it could not be had, which has been reported. */
export function markedOf(
  source: SecretSource | undefined,
  { secrets }: Pick<Resources, "secrets">,
): MarkedSecret | undefined {
  const secret = source && secrets.get(source);
  return secret && marked(secret);
}
