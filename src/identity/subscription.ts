import { type Refusal, refuse } from "#model/decision.ts";
import type { ActiveSubscription, Exchange } from "#model/exchange.ts";
import type { ProductFacts, Route } from "#model/snapshot.ts";
import { bearerChallenge, keyChallenge } from "./challenges.ts";

/**
 * Settles under which subscription, and so in which product, a request is made. Runs after authentication; sets
 * `exchange.product` and confirms or sets `exchange.subscription`. Always synchronous.
 * @param products `Snapshot.products`, which the route's chains refer to by index
 */
export function resolveSubscription(exchange: Exchange, products: readonly ProductFacts[]): Refusal | undefined {
  const { route, subscription } = exchange;
  if (route === null) return refuse("internal-error", { detail: "no route to subscribe to" });
  if (subscription !== null) return confirmKey(exchange, route, subscription, products);
  const plan = route.access.subscription;
  if (plan === "none") return undefined;
  if (plan === "open") return enterOpenly(exchange, route, products);
  if (plan !== "key" && subscribeByIdentity(exchange, route, products)) return undefined;
  if (route.access.public) return undefined;
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
function subscribeByIdentity(exchange: Exchange, route: Route, products: readonly ProductFacts[]): boolean {
  const { principal } = exchange;
  if (principal.kind === "anonymous") return false;
  const product = findProduct(route, products, acceptsIdentity);
  if (product === undefined) return false;
  exchange.product = product;
  exchange.subscription = { id: `identity:${principal.id}`, scope: `product:${product.name}`, by: "identity" };
  return true;
}

/** Whoever comes is let in; an identity that another product takes is that product's. */
function enterOpenly(exchange: Exchange, route: Route, products: readonly ProductFacts[]): undefined {
  if (subscribeByIdentity(exchange, route, products)) return;
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

function identityMissing(exchange: Exchange): Refusal {
  return refuse(exchange.identityNote ?? "credentials-missing", { headers: bearerChallenge(exchange) });
}

function keyMissing(exchange: Exchange, plan: "key" | "either"): Refusal {
  if (plan === "key") return refuse("key-missing", { headers: keyChallenge(exchange) });
  const headers = [...keyChallenge(exchange), ...bearerChallenge(exchange)];
  return refuse(exchange.identityNote ?? "credentials-missing", { headers });
}
