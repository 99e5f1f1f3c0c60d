import type { Product, SubscriptionDeclaration } from "#model/definition.ts";
import type { Clock } from "#model/ports.ts";
import type { Async, KeyChanges, NewSubscription, SubscriptionStore } from "#storage/interfaces.ts";
import type { KeyHasher } from "./keys.ts";
import { rotationOf, rotationPlan } from "./rotation-plan.ts";
import { scopeText } from "./scope-text.ts";

export interface Declared {
  readonly products: readonly Pick<Product, "name" | "rotation">[];
  readonly subscriptions: readonly SubscriptionDeclaration[];
}

/**
 * Brings the store's declared subscriptions in line with the definition: at start and after each reload.
 * A key that is not declared any more goes on for the grace of its rotation; without one it ends at once.
 * @returns what to change in the key index
 * @throws GatewayError `store-conflict` when a name or key is that of a created subscription, or a key is declared twice
 */
export function syncDeclarations(
  store: Pick<Async<SubscriptionStore>, "upsertDeclared">,
  hasher: KeyHasher,
  clock: Pick<Clock, "now">,
  definition: Declared,
): Promise<KeyChanges> {
  const createdAt = Math.floor(clock.now());
  const plan = rotationPlan(definition);
  const stored = definition.subscriptions.map((declaration) => {
    const rotation = rotationOf(plan, declaration.name, scopeText(declaration.scope));
    return { ...toStored(declaration, hasher, createdAt), graceMs: rotation?.grace ?? 0 };
  });
  return store.upsertDeclared(stored);
}

function toStored(declaration: SubscriptionDeclaration, hasher: KeyHasher, createdAt: number): NewSubscription {
  const { name, scope, primaryKey, secondaryKey, displayName, owner, endsAt } = declaration;
  // What has ended stays so, whatever a reload says of it.
  const state = endsAt !== null && endsAt <= createdAt ? "expired" : declaration.state;
  return {
    name,
    scope: scopeText(scope),
    state,
    source: "declared",
    displayName,
    owner,
    startedAt: createdAt,
    endsAt,
    primaryDigest: hasher.digest(primaryKey.reveal()),
    secondaryDigest: secondaryKey === null ? null : hasher.digest(secondaryKey.reveal()),
    createdAt,
  };
}
