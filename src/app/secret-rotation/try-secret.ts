import { GatewayError } from "#model/errors.ts";
import type { Egress } from "#model/ports.ts";
import type { SecretTrial } from "#model/secret-rotation.ts";

const maxBytes = 65_536;

/** Asks the upstream with a new secret. @throws GatewayError `secret-rotation-failed`, or why there was no answer */
export async function trySecret({ place, ...trial }: SecretTrial, secret: string, egress: Egress): Promise<void> {
  const url = new URL(trial.url);
  const headers: string[] = [];
  if (place.kind === "query") url.searchParams.set(place.name, secret);
  else headers.push(place.name, `${place.prefix}${secret}`);
  const { status } = await egress.fetch({
    url: url.href,
    method: trial.method,
    headers,
    timeoutMs: trial.timeoutMs,
    maxBytes,
    cuts: true,
    declared: true,
  });
  if (trial.expect.includes(status)) return;
  const message = `${url.origin} answers ${status} to the new secret, where ${trial.expect.join(" or ")} is due`;
  throw new GatewayError("secret-rotation-failed", 502, message);
}
