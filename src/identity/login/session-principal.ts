import { deepFreeze } from "#identity/deep-freeze.ts";
import { isIssuedBy } from "#identity/issuers.ts";
import { toPrincipal } from "#identity/principal.ts";
import type { Provider } from "#model/definition.ts";
import type { Principal } from "#model/principal.ts";
import { tenantMark } from "#model/provider-rules.ts";
import type { Claims } from "#identity/claim-values.ts";

/** What a token says of itself, and not of the person. An `exp` of theirs is not the session's end. */
const ofTheToken: ReadonlySet<string> = new Set([
  "aud",
  "azp",
  "exp",
  "iat",
  "nbf",
  "jti",
  "nonce",
  "at_hash",
  "c_hash",
  "s_hash",
  "sid",
  "rat",
  "uti",
]);

/** Two tenants may call their people alike. */
export function subjectOfTenant(tenant: string, subject: string): string {
  return `${tenant}|${subject}`;
}

/** What a session is found by when its provider ends it. For claims that make somebody. */
export function sessionSubject(claims: Claims, { issuer }: Provider): string {
  const subject = String(claims["sub"]);
  return issuer.includes(tenantMark) ? subjectOfTenant(String(claims["tid"]), subject) : subject;
}

/**
 * Who a session is of, by the provider's mapping; null where its claims make nobody (the definition has changed).
 * @param handle public name of the session
 */
export function sessionPrincipal(handle: string, claims: Claims, provider: Provider): Principal | null {
  // A provider of that name that has another issuer by now knows other people.
  if (!isIssuedBy(claims, provider)) return null;
  const said = Object.fromEntries(Object.entries(claims).filter(([name]) => !ofTheToken.has(name)));
  const made = toPrincipal("", deepFreeze({ ...said }), provider);
  if ("ok" in made) return null;
  const { tokenDigest: _none, ...rest } = made;
  return Object.freeze({ ...rest, kind: "user", authMethod: "session", sessionId: handle } satisfies Principal);
}
