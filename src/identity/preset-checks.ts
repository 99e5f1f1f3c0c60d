import type { Provider } from "#model/definition.ts";
import { type ProviderRules, type RequiredClaim, tenantMark } from "#model/provider-rules.ts";
import { type Claims, claimAt } from "./claim-values.ts";
import { quoted, refuseToken, type RefusedToken } from "./token-refusal.ts";

/** What a preset wants of its provider's access tokens, and the list of tenants. For claims that have passed {@link checkClaims}. */
export function checkPreset(claims: Claims, provider: Provider, rules: ProviderRules): RefusedToken | undefined {
  return checkRequired(claims, rules) ?? checkScopes(claims, rules) ?? checkTenant(claims, provider, rules);
}

function checkRequired(claims: Claims, { required }: ProviderRules): RefusedToken | undefined {
  for (const [name, wanted] of Object.entries(required)) {
    const value = claimAt(claims, name);
    if (value === undefined || value === null || value === "") return refuseToken("token-claim-missing", name);
    if (!suits(value, wanted)) return refuseToken("token-type-not-allowed", `${name} ${quoted(value)}`);
  }
  return undefined;
}

function suits(value: unknown, wanted: RequiredClaim): boolean {
  if (wanted === "present") return true;
  if (wanted instanceof RegExp) return typeof value === "string" && wanted.test(value);
  return wanted.includes(value as string | number);
}

/** One text where a list belongs, or the reverse, is another provider's way of writing. */
function checkScopes(claims: Claims, { scopes }: ProviderRules): RefusedToken | undefined {
  if (scopes === null) return undefined;
  const value = claims[scopes.claim];
  if (value === undefined) return undefined;
  if (scopes.form === "list" ? Array.isArray(value) : typeof value === "string") return undefined;
  return refuseToken("token-claim-not-allowed", `${scopes.claim} is not a ${scopes.form}`);
}

function checkTenant(claims: Claims, provider: Provider, rules: ProviderRules): RefusedToken | undefined {
  if (rules.tenantInIssuer && tenantInPath(claims["iss"]) !== claims["tid"]) {
    return refuseToken("token-claim-not-allowed", `tid ${quoted(claims["tid"])} is not the issuer's`);
  }
  const { tenants, issuer } = provider;
  if (tenants === undefined || issuer.includes(tenantMark)) return undefined;
  const tenant = claimAt(claims, provider.claims.tenant);
  if (typeof tenant === "string" && tenants.includes(tenant)) return undefined;
  return refuseToken("token-claim-not-allowed", `tenant ${quoted(tenant)} is not listed`);
}

function tenantInPath(issuer: unknown): string | undefined {
  return typeof issuer === "string" ? URL.parse(issuer)?.pathname.split("/")[1] : undefined;
}
