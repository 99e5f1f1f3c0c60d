import { type Refusal, refuse } from "#model/decision.ts";
import type { Exchange, ResponseDraft } from "#model/exchange.ts";

/**
 * Why a response must not go to a client that offered to switch protocols, or null. A 101 is only true when the upstream
 * has switched and nobody has put another body in its place; a 2xx to an extended CONNECT says that it was taken
 * (RFC 8441 §4), so one that does not mean it must not be sent.
 */
export function switchRefusal({ facts }: Exchange, { status, carry, body }: ResponseDraft): Refusal | null {
  if (status === 101) {
    if (carry !== null && body !== null && !(body instanceof Uint8Array)) return null;
    return refuse("upgrade-declined", { detail: "a policy has replaced the response of a switched connection" });
  }
  if (carry !== null) return refuse("upgrade-declined", { detail: `a policy has made the status ${status}` });
  const seemsTaken = facts.protocol === "HTTP/2" && status >= 200 && status < 300;
  return seemsTaken ? refuse("upgrade-declined", { detail: `status ${status} instead of 101` }) : null;
}
