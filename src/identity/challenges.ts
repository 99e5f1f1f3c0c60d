import type { Exchange } from "#model/exchange.ts";
import type { ReasonCode } from "#model/reasons.ts";
import type { Provider } from "#model/definition.ts";
import type { Challenge } from "#model/ports.ts";
import { asymmetricAlgorithms } from "./algorithms.ts";

const proofAlgorithms = [...asymmetricAlgorithms].join(" ");

/** What the answer to a refused token says. The description is our code, never text of the token. @see RFC 6750 §3 */
export function invalidTokenChallenge(exchange: Exchange, reason: ReasonCode): readonly string[] {
  const realm = safe(exchange.facts.host);
  return ["WWW-Authenticate", `Bearer realm="${realm}", error="invalid_token", error_description="${reason}"`];
}

/** To whoever must prove that a key is theirs. @see RFC 9449 §7.1 */
export function dpopChallenge(
  exchange: Exchange,
  error: "invalid_token" | "invalid_dpop_proof" | "use_dpop_nonce",
  reason: ReasonCode,
): readonly string[] {
  const said = `error="${error}", error_description="${reason}"`;
  return ["WWW-Authenticate", `DPoP realm="${safe(exchange.facts.host)}", ${said}, algs="${proofAlgorithms}"`];
}

/**
 * To whoever is nobody: by which schemes they may say who they are, which is for the providers to decide. Without a
 * credential there is no error code.
 * @see RFC 6750 §3.1, RFC 9449 §7.1 and §7.2
 */
export function challengeOf(providers: readonly Pick<Provider, "dpop">[]): Challenge {
  const isBare = providers.length === 0;
  const bearer = providers.some(({ dpop }) => dpop !== "required");
  const dpop = providers.some((provider) => provider.dpop !== undefined);
  return (exchange, problem) => {
    const error = problem === null ? "" : `, error="invalid_token", error_description="${problem}"`;
    const said = `realm="${safe(exchange.facts.host)}"${error}`;
    const realm = exchange.api?.basic?.realm;
    return [
      // First, as some browsers look at no other.
      ...(realm === undefined ? [] : basicChallenge(realm)),
      ...(bearer || (isBare && realm === undefined) ? ["WWW-Authenticate", `Bearer ${said}`] : []),
      ...(dpop ? ["WWW-Authenticate", `DPoP ${said}, algs="${proofAlgorithms}"`] : []),
    ];
  };
}

/** @param realm checked when the definition is read: nothing in it closes the quotes. @see RFC 7617 §2 */
export function basicChallenge(realm: string): readonly string[] {
  return ["WWW-Authenticate", `Basic realm="${realm}"`];
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
