import type { Product, SubscriptionDeclaration } from "#model/definition.ts";
import type { Rotation } from "#model/rotation.ts";
import type { AgeLimits } from "#storage/interfaces.ts";
import { scopeText } from "./scope-text.ts";

/** Whose keys are rotated by which schedule. */
export interface RotationPlan {
  /** By name: what a subscription says itself. */
  readonly subscriptions: ReadonlyMap<string, Rotation>;
  /** By scope, such as `product:starter`. */
  readonly scopes: ReadonlyMap<string, Rotation>;
}

export interface Scheduled {
  readonly products: readonly Pick<Product, "name" | "rotation">[];
  readonly subscriptions: readonly Pick<SubscriptionDeclaration, "name" | "rotation">[];
}

export function rotationPlan({ products, subscriptions }: Scheduled): RotationPlan {
  const own = subscriptions.flatMap(({ name, rotation }) =>
    rotation === undefined ? [] : [[name, rotation] as const],
  );
  const shared = products.flatMap(({ name, rotation }) =>
    rotation === undefined ? [] : [[scopeText({ kind: "product", product: name }), rotation] as const],
  );
  return { subscriptions: new Map(own), scopes: new Map(shared) };
}

/** Undefined: no schedule says anything of its keys. */
export function rotationOf(plan: RotationPlan, subscription: string, scope: string): Rotation | undefined {
  return plan.subscriptions.get(subscription) ?? plan.scopes.get(scope);
}

/** From which age on a key is to be told of: with a schedule when its notice begins, else at `usualMs`. */
export function ageLimits({ subscriptions, scopes }: RotationPlan, usualMs: number, now: number): AgeLimits {
  const limits = (all: ReadonlyMap<string, Rotation>): Readonly<Record<string, number>> =>
    Object.fromEntries([...all].map(([name, { every, notice }]) => [name, now - every + notice]));
  return { usual: now - usualMs, subscriptions: limits(subscriptions), scopes: limits(scopes) };
}
