import { type Refusal, refuse } from "#model/decision.ts";
import type { ActiveSubscription, Exchange } from "#model/exchange.ts";
import type { OwnerFacts, SubscriptionDetails } from "#model/ports.ts";
import type { ProductFacts, Route } from "#model/snapshot.ts";
import { bearerChallenge, keyChallenge } from "./challenges.ts";

/** Whether the principal of an exchange is in a product by who it is. An error is a no. */
export type IsMember = (exchange: Exchange, product: ProductFacts) => boolean;

/**
 * Settles under which subscription, and so in which product, a request is made. Runs after authentication; sets
 * `exchange.product` and confirms or sets `exchange.subscription`. Always synchronous.
 * @param products `Snapshot.products`, which the route's chains refer to by index
 */
export function resolveSubscription(
  exchange: Exchange,
  products: readonly ProductFacts[],
  isMember: IsMember,
): Refusal | undefined {
  const { route, subscription } = exchange;
  if (route === null) return refuse("internal-error", { detail: "no route to subscribe to" });
  if (subscription !== null) return confirmKey(exchange, route, subscription, products);
  const plan = route.access.subscription;
  if (plan === "none") return undefined;
  if (plan === "open") return enterOpenly(exchange, route, products, isMember);
  if (plan !== "key" && subscribeByIdentity(exchange, route, products, isMember)) return undefined;
  if (route.access.public) return undefined;
  // Who is known and no member needs another membership, or a key, and no other proof of who it is.
  if (plan !== "key" && exchange.principal.kind !== "anonymous") return notMember(exchange, plan);
  return plan === "identity" ? identityMissing(exchange) : keyMissing(exchange, plan);
}

/** A key covers one product's APIs, one API, or all; API-wide keys put a request into no product. */
function confirmKey(
  exchange: Exchange,
  route: Route,
  { scope, id }: ActiveSubscription,
  products: readonly ProductFacts[],
): Refusal | undefined {
  const product = findProduct(route, products, (facts) => acceptsKey(facts) && scope === `product:${facts.name}`);
  const isCovered = product !== undefined || scope === "all" || scope === `api:${exchange.api?.name ?? ""}`;
  if (!isCovered) {
    exchange.subscription = null;
    const detail = `subscription ${id} covers ${scope}`;
    return refuse("key-not-in-scope", { detail, headers: keyChallenge(exchange) });
  }
  exchange.product = product ?? null;
  // Where only who one is counts, a key does not stand in for it.
  const needsIdentity = route.access.subscription === "identity" && !route.access.public;
  return needsIdentity && isByKeyAlone(exchange) ? identityMissing(exchange) : undefined;
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
  isMember: IsMember,
): boolean {
  const { principal, user } = exchange;
  if (principal.kind === "anonymous") return false;
  const product = findProduct(route, products, (facts) => acceptsIdentity(facts) && isMember(exchange, facts));
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
  isMember: IsMember,
): undefined {
  if (subscribeByIdentity(exchange, route, products, isMember)) return;
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

function notMember(exchange: Exchange, plan: "identity" | "either"): Refusal {
  const detail = `${exchange.principal.id} is no member`;
  return plan === "identity"
    ? refuse("membership-missing", { detail })
    : refuse("membership-missing", { detail, headers: keyChallenge(exchange) });
}

function identityMissing(exchange: Exchange): Refusal {
  return refuse(exchange.identityNote ?? "credentials-missing", { headers: bearerChallenge(exchange) });
}

function keyMissing(exchange: Exchange, plan: "key" | "either"): Refusal {
  if (plan === "key") return refuse("key-missing", { headers: keyChallenge(exchange) });
  const headers = [...keyChallenge(exchange), ...bearerChallenge(exchange)];
  return refuse(exchange.identityNote ?? "credentials-missing", { headers });
}
