import type { Provider } from "#model/definition.ts";
import { tenantMark } from "#model/provider-rules.ts";
import type { Claims } from "./claim-values.ts";

/** Every `iss` of a provider's tokens: its own, or one for each tenant of an issuer that serves many. */
export function issuersOf({ issuer, tenants }: Pick<Provider, "issuer" | "tenants">): readonly string[] {
  if (!issuer.includes(tenantMark)) return [issuer];
  return (tenants ?? []).map((tenant) => issuer.replace(tenantMark, tenant));
}

/** The issuer of many tenants writes each one's id into `tid` too; both must say the same one. */
export function isIssuedBy(claims: Claims, { issuer, tenants }: Provider): boolean {
  const { iss, tid } = claims;
  if (!issuer.includes(tenantMark)) return iss === issuer;
  return typeof tid === "string" && (tenants ?? []).includes(tid) && iss === issuer.replace(tenantMark, tid);
}

/**
 * Whether a key that names its issuer may sign for that of the token. The key set of all tenants holds keys of some that
 * sign for themselves alone.
 * @see https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-the-issuer
 */
export function mayKeySign(keyIssuer: string | null, claims: Claims): boolean {
  if (keyIssuer === null) return true;
  return keyIssuer.replace(tenantMark, String(claims["tid"])) === claims["iss"];
}
