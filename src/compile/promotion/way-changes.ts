import type { ProductSubscription } from "#model/definition.ts";
import type { PromotionCodeName } from "./codes.ts";
import { newOf } from "./named.ts";

/** What is enough to be in a product. */
const ways: Readonly<Record<ProductSubscription, readonly string[]>> = {
  key: ["a subscription key"],
  identity: ["an identity"],
  either: ["a subscription key", "an identity"],
  open: ["a subscription key", "an identity", "nothing at all"],
};

export function wayIn(subscription: ProductSubscription): string {
  return ways[subscription].join(" or ");
}

/** What becomes enough, and what no longer is. */
export function wayChanges(
  was: ProductSubscription,
  is: ProductSubscription,
): readonly (readonly [PromotionCodeName, string])[] {
  const [old, fresh] = [ways[was], ways[is]];
  return [
    ...newOf(old, fresh).map((way) => ["access-widened", `${way} is enough`] as const),
    ...newOf(fresh, old).map((way) => ["access-narrowed", `${way} is not enough any more`] as const),
  ];
}
