import type { Exchange } from "#model/exchange.ts";
import type { ReasonCode } from "#model/reasons.ts";
import { asymmetricAlgorithms } from "./algorithms.ts";

/** What the answer to a refused token says. The description is our code, never text of the token. @see RFC 6750 §3 */
export function invalidTokenChallenge(exchange: Exchange, reason: ReasonCode): readonly string[] {
  const realm = safe(exchange.facts.host);
  return ["WWW-Authenticate", `Bearer realm="${realm}", error="invalid_token", error_description="${reason}"`];
}

/** To whoever must prove that a key is theirs. @see RFC 9449 §7.1 */
export function dpopChallenge(
  exchange: Exchange,
  error: "invalid_token" | "invalid_dpop_proof",
  reason: ReasonCode,
): readonly string[] {
  const realm = safe(exchange.facts.host);
  const algs = [...asymmetricAlgorithms].join(" ");
  return ["WWW-Authenticate", `DPoP realm="${realm}", error="${error}", error_description="${reason}", algs="${algs}"`];
}

/** No credential was sent: no error code. @see RFC 6750 §3.1 */
export function bearerChallenge(exchange: Exchange): readonly string[] {
  return ["WWW-Authenticate", `Bearer realm="${safe(exchange.facts.host)}"`];
}

/** API Management's own form, spaces and all. */
export function keyChallenge(exchange: Exchange): readonly string[] {
  const { scheme, authority } = exchange.facts;
  const path = exchange.api?.path ?? "/";
  const header = exchange.api?.subscriptionKey.header ?? "";
  const realm = safe(`${scheme}://${authority}${path}`);
  return ["WWW-Authenticate", `AzureApiManagementKey realm="${realm}",name="${safe(header)}",type="header"`];
}

/** Host and authority come from the client: nothing may close the quotes or the line. */
function safe(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]|["\\]/g, "");
}
