import type { Principal } from "#model/principal.ts";
import { maxActors } from "./actor-chain.ts";
import type { Claims } from "./claim-values.ts";
import { isObject } from "./strict-json.ts";

/**
 * A principal for whom somebody else acts, who has proven who it is: outermost that one, and whoever acts for it in
 * turn, then those who acted before.
 * @returns null: more hand-overs than may be
 * @see RFC 8693 §4.1
 */
export function withActor(principal: Principal, actor: Principal): Principal | null {
  const before = chainOf(principal.actor);
  // The provider's own word of the same one: what is proven stands in its place.
  if (before[0] !== undefined && isSame(before[0], actor)) before.shift();
  const chain = [...chainOf(actor), ...before];
  if (chain.length > maxActors) return null;
  const whole = chain.reduceRight<Principal | undefined>((next, one) => linked(one, next), undefined);
  return Object.freeze({ ...principal, actor: whole as Principal });
}

/**
 * Whether the token of the one says that the other may act for it; without a word on it, whoever can show both tokens may.
 * @see RFC 8693 §4.4
 */
export function mayAct(claims: Claims, actor: Principal): boolean {
  const named = claims["may_act"];
  if (named === undefined) return true;
  if (!isObject(named) || (named["sub"] === undefined && named["client_id"] === undefined)) return false;
  return Object.entries(named).every(([name, value]) => {
    if (typeof value !== "string") return false;
    return name === "client_id" ? value === actor.clientId : value === actor.claims[name];
  });
}

function chainOf(outermost: Principal | undefined): Principal[] {
  const chain: Principal[] = [];
  for (let one = outermost; one !== undefined; one = one.actor) chain.push(one);
  return chain;
}

function linked(one: Principal, next: Principal | undefined): Principal {
  if (one.actor === next) return one;
  const { actor: _, ...rest } = one;
  return Object.freeze(next === undefined ? rest : { ...rest, actor: next });
}

function isSame(one: Principal, other: Principal): boolean {
  if (one.issuer !== other.issuer) return false;
  const { clientId } = one;
  return clientId === undefined ? one.subject === other.subject : clientId === other.clientId;
}
