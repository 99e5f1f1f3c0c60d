import { type Refusal, refuse } from "#model/decision.ts";
import type { ActiveSubscription, Exchange } from "#model/exchange.ts";
import type { Challenge, OwnerFacts, SubscriptionDetails } from "#model/ports.ts";
import type { ProductFacts, Route } from "#model/snapshot.ts";
import { keyChallenge } from "./challenges.ts";

/** Who is in which product by who it is. */
export interface Membership {
  /** An error is a no. */
  readonly holds: (exchange: Exchange, product: ProductFacts) => boolean;
  /** The approval that alone would make it hold for one of them; undefined: none would. */
  readonly missing: (exchange: Exchange, products: readonly ProductFacts[]) => string | undefined;
}

/**
 * Settles under which subscription, and so in which product, a request is made. Runs after authentication; sets
 * `exchange.product` and confirms or sets `exchange.subscription`. Always synchronous.
 * @param products `Snapshot.products`, which the route's chains refer to by index
 */
export function resolveSubscription(
  exchange: Exchange,
  products: readonly ProductFacts[],
  members: Membership,
  challenge: Challenge,
): Refusal | undefined {
  const { route, subscription } = exchange;
  if (route === null) return refuse("internal-error", { detail: "no route to subscribe to" });
  if (subscription !== null) return confirmKey(exchange, route, subscription, products, challenge);
  const plan = route.access.subscription;
  if (plan === "none") return undefined;
  if (plan === "open") return enterOpenly(exchange, route, products, members);
  if (plan !== "key" && subscribeByIdentity(exchange, route, products, members)) return undefined;
  if (route.access.public) return undefined;
  // Who is known and no member needs another membership, or a key, and no other proof of who it is.
  if (plan !== "key" && exchange.principal.kind !== "anonymous") return notMember(exchange, route, products, members);
  return plan === "identity" ? identityMissing(exchange, challenge) : keyMissing(exchange, plan, challenge);
}

/** A key covers one product's APIs, one API, or all; API-wide keys put a request into no product. */
function confirmKey(
  exchange: Exchange,
  route: Route,
  { scope, id }: ActiveSubscription,
  products: readonly ProductFacts[],
  challenge: Challenge,
): Refusal | undefined {
  const product = findProduct(route, products, (facts) => acceptsKey(facts) && scope === `product:${facts.name}`);
  const isCovered = product !== undefined || scope === "all" || isForApi(exchange, scope);
  if (!isCovered) {
    exchange.subscription = null;
    const detail = `subscription ${id} covers ${scope}`;
    return refuse("key-not-in-scope", { detail, headers: keyChallenge(exchange) });
  }
  exchange.product = product ?? null;
  // Where only who one is counts, a key does not stand in for it.
  const needsIdentity = route.access.subscription === "identity" && !route.access.public;
  return needsIdentity && isByKeyAlone(exchange) ? identityMissing(exchange, challenge) : undefined;
}

/** Its revisions are one API: a key goes on when another of them becomes the one in use. */
function isForApi({ api }: Exchange, scope: string): boolean {
  if (api === null) return false;
  return scope === `api:${api.name}` || api.revisions?.some((name) => scope === `api:${name}`) === true;
}

/** Whoever has a key is not thereby the one that it belongs to. */
function isByKeyAlone({ principal }: Exchange): boolean {
  return principal.kind === "anonymous" || principal.authMethod === "subscription-key";
}

/** Just log in: a person or service that is known needs no key where the product says so. */
function subscribeByIdentity(
  exchange: Exchange,
  route: Route,
  products: readonly ProductFacts[],
  members: Membership,
): boolean {
  const { principal, user } = exchange;
  if (principal.kind === "anonymous") return false;
  const product = findProduct(route, products, (facts) => acceptsIdentity(facts) && members.holds(exchange, facts));
  if (product === undefined) return false;
  exchange.product = product;
  const subscription = { id: `identity:${principal.id}`, scope: `product:${product.name}`, by: "identity" } as const;
  exchange.subscription = user === null ? subscription : { ...subscription, details: detailsOf(user) };
  return true;
}

const remembered = new WeakMap<OwnerFacts, SubscriptionDetails>();

/** A user's own subscription begins with the user. */
function detailsOf(user: OwnerFacts): SubscriptionDetails {
  let details = remembered.get(user);
  if (details === undefined) {
    const { registeredAt } = user;
    details = { displayName: null, createdAt: registeredAt, startedAt: registeredAt, endsAt: null, owner: () => user };
    remembered.set(user, details);
  }
  return details;
}

/** Whoever comes is let in; an identity that another product takes is that product's. */
function enterOpenly(
  exchange: Exchange,
  route: Route,
  products: readonly ProductFacts[],
  members: Membership,
): undefined {
  if (subscribeByIdentity(exchange, route, products, members)) return;
  exchange.product = findProduct(route, products, ({ subscription }) => subscription === "open") ?? null;
}

function findProduct(
  route: Route,
  products: readonly ProductFacts[],
  suits: (product: ProductFacts) => boolean,
): ProductFacts | undefined {
  for (const choice of route.chains) {
    const product = choice.product < 0 ? undefined : products[choice.product];
    if (product !== undefined && suits(product)) return product;
  }
  return undefined;
}

function acceptsKey(product: ProductFacts): boolean {
  return product.subscription !== "identity";
}

function acceptsIdentity(product: ProductFacts): boolean {
  return product.subscription === "identity" || product.subscription === "either";
}

/** Where an approval alone is missing, that is the reason, as it is with access rules. */
function notMember(exchange: Exchange, route: Route, products: readonly ProductFacts[], members: Membership): Refusal {
  const detail = `${exchange.principal.id} is no member`;
  const more = route.access.subscription === "identity" ? { detail } : { detail, headers: keyChallenge(exchange) };
  const approval = members.missing(exchange, productsOf(route, products).filter(acceptsIdentity));
  if (approval === undefined) return refuse("membership-missing", more);
  return refuse("approval-required", { ...more, approval, detail: `the approval ${approval} is missing; ${detail}` });
}

function productsOf(route: Route, products: readonly ProductFacts[]): readonly ProductFacts[] {
  return route.chains.flatMap(({ product }) => (product < 0 ? [] : (products[product] ?? [])));
}

function identityMissing(exchange: Exchange, challenge: Challenge): Refusal {
  return refuse(exchange.identityNote ?? "credentials-missing", { headers: challenge(exchange, null) });
}

function keyMissing(exchange: Exchange, plan: "key" | "either", challenge: Challenge): Refusal {
  if (plan === "key") return refuse("key-missing", { headers: keyChallenge(exchange) });
  const headers = [...keyChallenge(exchange), ...challenge(exchange, null)];
  return refuse(exchange.identityNote ?? "credentials-missing", { headers });
}
