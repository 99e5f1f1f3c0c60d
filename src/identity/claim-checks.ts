import type { Provider } from "#model/definition.ts";
import type { Claims } from "./claim-values.ts";
import { isIssuedBy } from "./issuers.ts";
import { quoted, refuseToken, type RefusedToken } from "./token-refusal.ts";

/**
 * Issuer, audience and time of a token whose signature is good. Times are seconds since the epoch in the token,
 * milliseconds here; the provider's skew widens both ends.
 * @see RFC 7519 §4.1, RFC 8725 §3.8, §3.9
 */
export function checkClaims(claims: Claims, provider: Provider, now: number): RefusedToken | undefined {
  if (!isIssuedBy(claims, provider)) return refuseToken("token-issuer-unknown", `iss ${quoted(claims["iss"])}`);
  return checkAudience(claims["aud"], provider.audiences) ?? checkTimes(claims, provider.clockSkewMs, now);
}

/** Milliseconds since the epoch from which the token is no longer good. Only for claims that have passed. */
export function endOf(claims: Claims, provider: Provider): number {
  return (claims["exp"] as number) * 1000 + provider.clockSkewMs;
}

function checkAudience(audience: unknown, ours: readonly string[]): RefusedToken | undefined {
  if (audience === undefined) return refuseToken("token-claim-missing", "aud");
  const listed: readonly unknown[] = Array.isArray(audience) ? audience : [audience];
  if (listed.some((name) => typeof name === "string" && ours.includes(name))) return undefined;
  return refuseToken("token-audience-not-allowed", `aud ${quoted(listed[0])}`);
}

function checkTimes(claims: Claims, skew: number, now: number): RefusedToken | undefined {
  const { exp, nbf, iat } = claims;
  if (exp === undefined) return refuseToken("token-claim-missing", "exp");
  if (!isNumericDate(exp)) return refuseToken("token-claim-not-allowed", "exp is not a number");
  if (nbf !== undefined && !isNumericDate(nbf)) return refuseToken("token-claim-not-allowed", "nbf is not a number");
  if (iat !== undefined && !isNumericDate(iat)) return refuseToken("token-claim-not-allowed", "iat is not a number");
  if (now >= exp * 1000 + skew) return refuseToken("token-expired", `exp ${exp}`);
  if (nbf !== undefined && now < nbf * 1000 - skew) return refuseToken("token-not-yet-valid", `nbf ${nbf}`);
  return undefined;
}

/** A string of digits is not a number: comparing it would convert, and `"9e99"` never expires. */
function isNumericDate(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}
