import type { Provider } from "#model/definition.ts";
import type { Claims } from "./claim-values.ts";
import type { CompactToken } from "./compact.ts";
import { confirmationOf } from "./confirmation.ts";
import { quoted, refuseToken, type RefusedToken } from "./token-refusal.ts";

/** Values of the claims by which Keycloak (`typ`) and Cognito (`token_use`) mark tokens that are not for APIs. */
const otherUses: ReadonlySet<unknown> = new Set(["ID", "Refresh", "Offline", "Logout", "id"]);

/**
 * Lets access tokens through and nothing else that the same keys sign: an ID token says who logged in at a client,
 * not what its bearer may do, and every client the person uses holds one.
 * @see RFC 9068 §2.1, §4; RFC 8725 §3.11, §3.12; OpenID Connect Core §2
 */
export function checkTokenType(
  token: CompactToken,
  claims: Claims,
  provider: Provider,
  idTokens: boolean,
): RefusedToken | undefined {
  const type = mediaType(token.header["typ"]);
  if (type !== "" && type !== "jwt" && type !== "at+jwt") {
    return refuseToken("token-type-not-allowed", `typ ${quoted(token.header["typ"])}`);
  }
  if (idTokens || type === "at+jwt" || !isIdToken(claims, provider)) return undefined;
  return refuseToken("token-type-not-allowed", "an ID token");
}

function mediaType(typ: unknown): string {
  if (typeof typ !== "string") return "";
  const lower = typ.toLowerCase();
  return lower.startsWith("application/") ? lower.slice("application/".length) : lower;
}

function isIdToken(claims: Claims, provider: Provider): boolean {
  if (claims["at_hash"] !== undefined || claims["c_hash"] !== undefined) return true;
  if (otherUses.has(claims["typ"]) || otherUses.has(claims["token_use"])) return true;
  return claims["nonce"] !== undefined && isForClientOnly(claims["aud"], provider.clientId);
}

function isForClientOnly(audience: unknown, clientId: string | undefined): boolean {
  const sole: unknown = Array.isArray(audience) && audience.length === 1 ? audience[0] : audience;
  return clientId !== undefined && sole === clientId;
}

/**
 * Whether the token is bound to something that its sender can prove here, and is bound at all where the provider's must
 * be. That the sender has it is checked with each request.
 */
export function checkBinding(claims: Claims, { dpop }: Provider): RefusedToken | undefined {
  const confirmation = confirmationOf(claims);
  if (confirmation === null) return refuseToken("token-claim-not-allowed", "bound in a way that is not understood");
  if (dpop === "required" && confirmation?.key === undefined) return refuseToken("token-not-bound", "no cnf.jkt");
  return undefined;
}
