import type { Principal } from "#model/principal.ts";
import { type Claims, firstText, noStrings, textAt } from "./claim-values.ts";
import { principalId } from "./principal-id.ts";
import { isObject } from "./strict-json.ts";

/** Hand-overs of one token; longer chains are refused, not cut: a record must not name half of those who act. */
const maxActors = 8;

/**
 * The `act` claim as a chain of principals, outermost first.
 * @returns undefined without an actor; null when the claim is malformed or the chain too long
 * @see RFC 8693 §4.1
 */
export function actorChain(claims: Claims, issuer: string): Principal | undefined | null {
  const links: Claims[] = [];
  for (let act = claims["act"]; act !== undefined; act = (act as Claims)["act"]) {
    if (!isObject(act) || links.length === maxActors) return null;
    links.push(act);
  }
  let chain: Principal | undefined;
  for (const link of links.toReversed()) {
    const actor = toActor(link, issuer, chain);
    if (actor === undefined) return null;
    chain = actor;
  }
  return chain;
}

function toActor(act: Claims, tokenIssuer: string, next: Principal | undefined): Principal | undefined {
  const clientId = firstText(act, ["client_id", "azp", "appid", "cid"]);
  const subject = textAt(act, "sub") ?? clientId;
  if (subject === undefined) return undefined;
  const issuer = textAt(act, "iss") ?? tokenIssuer;
  return Object.freeze({
    id: principalId(issuer, "", subject),
    kind: "service",
    issuer,
    subject,
    groups: noStrings,
    roles: noStrings,
    scopes: noStrings,
    authMethod: "token",
    ...(clientId === undefined ? {} : { clientId }),
    ...(next === undefined ? {} : { actor: next }),
    claims: act,
  } satisfies Principal);
}
