import type { Principal } from "#model/principal.ts";
import { type Claims, firstText, noStrings, textAt } from "./claim-values.ts";
import { principalId } from "./principal-id.ts";
import { isObject } from "./strict-json.ts";

/** Hand-overs of one token; longer chains are refused, not cut: a record must not name half of those who act. */
export const maxActors = 8;

export interface ActorSettings {
  /** Of the token. */
  readonly issuer: string;
  /** Client ids at that issuer. */
  readonly agents: readonly string[];
}

/**
 * The `act` claim as a chain of principals, outermost first.
 * @returns undefined without an actor; null when the claim is malformed or the chain too long
 * @see RFC 8693 §4.1
 */
export function actorChain(claims: Claims, { issuer, agents }: ActorSettings): Principal | undefined | null {
  const links: Claims[] = [];
  for (let act = claims["act"]; act !== undefined; act = (act as Claims)["act"]) {
    if (!isObject(act) || links.length === maxActors) return null;
    links.push(act);
  }
  let chain: Principal | undefined;
  for (const link of links.toReversed()) {
    const actor = toActor(link, { issuer, agents }, chain);
    if (actor === undefined) return null;
    chain = actor;
  }
  return chain;
}

/** A client of the provider that acts for a person, whose token names no actor. */
export function clientActor(clientId: string, { issuer, agents }: ActorSettings): Principal {
  return toActor({ client_id: clientId }, { issuer, agents }, undefined) as Principal;
}

function toActor(act: Claims, settings: ActorSettings, next: Principal | undefined): Principal | undefined {
  const clientId = firstText(act, ["client_id", "azp", "appid", "cid"]);
  const subject = textAt(act, "sub") ?? clientId;
  if (subject === undefined) return undefined;
  const issuer = textAt(act, "iss") ?? settings.issuer;
  // The provider's own clients only: another issuer may have named one of its own alike.
  const isAgent = issuer === settings.issuer && settings.agents.includes(clientId ?? subject);
  return Object.freeze({
    id: principalId(issuer, "", subject),
    kind: isAgent ? "agent" : "service",
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
