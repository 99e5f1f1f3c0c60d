import { createHash } from "node:crypto";
import type { Provider } from "#model/definition.ts";
import type { Principal } from "#model/principal.ts";
import { actorChain } from "./actor-chain.ts";
import { type Claims, claimAt, firstText, listAt, noStrings, textAt } from "./claim-values.ts";
import { principalId } from "./principal-id.ts";
import { kindOf } from "./principal-kind.ts";
import { isObject } from "./strict-json.ts";
import { refuseToken, type RefusedToken } from "./token-refusal.ts";

/**
 * Claims of a verified token → who that is, by the provider's mapping. The result is frozen.
 * Never uses `preferred_username` or a name to identify: those can be changed and reused.
 */
export function toPrincipal(token: string, claims: Claims, provider: Provider): Principal | RefusedToken {
  const clientId = firstText(claims, ["azp", "appid", "cid", "client_id"]);
  const who = identify(claims, provider);
  if (who.subject === undefined) return refuseToken("token-claim-missing", "sub");
  const actor = actorChain(claims, provider.issuer);
  if (actor === null) return refuseToken("token-claim-not-allowed", "act is malformed, or too long a chain");
  const tenant = who.tenant ?? "";
  return Object.freeze({
    id: principalId(provider.issuer, tenant, who.subject),
    kind: kindOf(claims, clientId),
    issuer: provider.issuer,
    subject: who.subject,
    groups: hasGroupsOverage(claims) ? noStrings : listAt(claims, provider.claims.groups),
    roles: listAt(claims, provider.claims.roles),
    scopes: scopesOf(claims),
    authMethod: "token",
    tokenDigest: createHash("sha256").update(token).digest("base64url"),
    provider: provider.name,
    ...present({
      tenant: who.tenant,
      displayName: textAt(claims, provider.claims.name),
      email: emailOf(claims, provider),
      sessionId: textAt(claims, "sid"),
      tokenId: firstText(claims, ["jti", "uti"]),
      clientId,
      actor,
    }),
    claims,
  } satisfies Principal);
}

/** Entra leaves the groups out above 200 and names a URL instead, which is never followed: the token chose it. */
export function hasGroupsOverage(claims: Claims): boolean {
  const names = claims["_claim_names"];
  return isObject(names) && Object.hasOwn(names, "groups");
}

/** Entra's `sub` differs from app to app for one person; `oid` within `tid` does not. */
function identify(claims: Claims, provider: Provider): { subject: string | undefined; tenant: string | undefined } {
  const objectId = textAt(claims, "oid");
  const directory = textAt(claims, "tid");
  if (objectId !== undefined && directory !== undefined) return { subject: objectId, tenant: directory };
  return { subject: textAt(claims, "sub"), tenant: textAt(claims, provider.claims.tenant) };
}

/** Entra writes `scp` as one string, Okta as a list; RFC 9068 has `scope`. */
function scopesOf(claims: Claims): readonly string[] {
  const value = claims["scp"] ?? claims["scope"];
  if (typeof value === "string") return Object.freeze(value.split(" ").filter((scope) => scope !== ""));
  return listAt(claims, claims["scp"] === undefined ? "scope" : "scp");
}

/** An address the issuer itself calls unverified may be anyone's. */
function emailOf(claims: Claims, provider: Provider): string | undefined {
  const verified = claimAt(claims, "email_verified");
  return verified === false || verified === "false" ? undefined : textAt(claims, provider.claims.email);
}

type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Leaves out what is undefined, as `exactOptionalPropertyTypes` wants it. */
function present<T extends Record<string, unknown>>(values: T): Present<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Present<T>;
}
