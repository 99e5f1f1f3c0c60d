import type { Provider } from "#model/definition.ts";
import type { Principal } from "#model/principal.ts";
import { type ProviderRules, rulesOf, tenantMark } from "#model/provider-rules.ts";
import { tokenDigest } from "#model/token-digest.ts";
import { actorChain, clientActor } from "./actor-chain.ts";
import { type Claims, claimAt, firstText, listAt, noStrings, textAt } from "./claim-values.ts";
import { principalId } from "./principal-id.ts";
import { kindOf } from "./principal-kind.ts";
import { isObject } from "./strict-json.ts";
import { refuseToken, type RefusedToken } from "./token-refusal.ts";

/**
 * Claims of a verified token → who that is, by the provider's mapping. The result is frozen.
 * Never uses `preferred_username` or a name to identify: those can be changed and reused.
 */
export function toPrincipal(
  token: string,
  claims: Claims,
  provider: Provider,
  rules: ProviderRules = rulesOf(provider.preset),
): Principal | RefusedToken {
  const clientId = firstText(claims, rules.client);
  const who = identify(claims, provider, rules);
  if (who.subject === undefined) return refuseToken("token-claim-missing", "sub");
  const issuer = claims["iss"] as string;
  const agents = provider.agents ?? noStrings;
  const isAgent = clientId !== undefined && agents.includes(clientId);
  const kind = rules.kind ?? kindOf(claims, clientId);
  const chain = actorChain(claims, { issuer, agents });
  // Whom an agent has a token of acts through it, whether or not the provider writes that down.
  const actor = chain === undefined && isAgent && kind === "user" ? clientActor(clientId, { issuer, agents }) : chain;
  if (actor === null) return refuseToken("token-claim-not-allowed", "act is malformed, or too long a chain");
  const tenant = who.tenant ?? "";
  return Object.freeze({
    id: principalId(issuer, tenant, who.subject),
    kind: isAgent && kind === "service" ? "agent" : kind,
    issuer,
    subject: who.subject,
    groups: hasGroupsOverage(claims) ? noStrings : listAt(claims, provider.claims.groups),
    roles: listAt(claims, provider.claims.roles),
    scopes: scopesOf(claims, rules),
    authMethod: "token",
    tokenDigest: tokenDigest(token),
    provider: provider.name,
    ...present({
      tenant: who.tenant,
      displayName: textAt(claims, provider.claims.name),
      email: emailOf(claims, provider),
      sessionId: textAt(claims, "sid"),
      tokenId: firstText(claims, rules.tokenId),
      clientId,
      actor,
      groupsLeftOut: hasGroupsOverage(claims) ? (true as const) : undefined,
    }),
    claims,
  } satisfies Principal);
}

/**
 * Entra leaves the groups out above 200 and names a URL instead, which is never followed: the token chose it. Tokens
 * that came through a browser's address have only a mark.
 */
export function hasGroupsOverage(claims: Claims): boolean {
  const names = claims["_claim_names"];
  return claims["hasgroups"] === true || (isObject(names) && Object.hasOwn(names, "groups"));
}

interface Who {
  readonly subject: string | undefined;
  readonly tenant: string | undefined;
}

/** Without a preset: Entra's `sub` differs from app to app for one person; `oid` within `tid` does not. */
function identify(claims: Claims, provider: Provider, { subject }: ProviderRules): Who {
  const tenant = textAt(claims, provider.claims.tenant);
  if (subject !== null) return { subject: firstText(claims, subject), tenant };
  const objectId = textAt(claims, "oid");
  const directory = textAt(claims, "tid");
  if (objectId !== undefined && directory !== undefined) return { subject: objectId, tenant: directory };
  return { subject: textAt(claims, "sub"), tenant };
}

/** Entra writes `scp` as one string, Okta as a list; RFC 9068 has `scope`. */
function scopesOf(claims: Claims, { scopes }: ProviderRules): readonly string[] {
  const name = scopes?.claim ?? (claims["scp"] === undefined ? "scope" : "scp");
  const value = claims[name];
  if (typeof value === "string") return Object.freeze(value.split(" ").filter((scope) => scope !== ""));
  return listAt(claims, name);
}

/** An address that the issuer itself calls unverified may be anyone's. */
function emailOf(claims: Claims, provider: Provider): string | undefined {
  return isUnverified(claims, provider) ? undefined : textAt(claims, provider.claims.email);
}

/**
 * In Entra ID a tenant's administrators write into `email` what they like. Where several tenants come through one issuer,
 * one could speak of another's people: there it takes the word of Entra ID that the tenant has the address's domain.
 * @see https://learn.microsoft.com/entra/identity-platform/migrate-off-email-claim-authorization
 */
function isUnverified(claims: Claims, { preset, issuer, claims: names }: Provider): boolean {
  const verified = claimAt(claims, "email_verified");
  if (verified === false || verified === "false") return true;
  if (preset !== "entra-id-v2" || names.email !== "email") return false;
  const ownsDomain = claims["xms_edov"];
  return ownsDomain === undefined ? issuer.includes(tenantMark) : !isYes.has(ownsDomain);
}

/** Entra ID writes it in several ways. */
const isYes: ReadonlySet<unknown> = new Set([true, "true", 1, "1"]);

type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Leaves out what is undefined, as `exactOptionalPropertyTypes` wants it. */
function present<T extends Record<string, unknown>>(values: T): Present<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Present<T>;
}
