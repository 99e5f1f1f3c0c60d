import type { SubscriptionDeclaration } from "#model/definition.ts";
import type { Clock } from "#model/ports.ts";
import type { Async, KeyChanges, NewSubscription, SubscriptionStore } from "#storage/interfaces.ts";
import type { KeyHasher } from "./keys.ts";
import { scopeText } from "./scope-text.ts";

/**
 * Brings the store's declared subscriptions in line with the definition: at start and after each reload.
 * @returns what to change in the key index
 * @throws GatewayError `store-conflict` when a name or key is that of a created subscription, or a key is declared twice
 */
export function syncDeclarations(
  store: Pick<Async<SubscriptionStore>, "upsertDeclared">,
  hasher: KeyHasher,
  clock: Pick<Clock, "now">,
  declarations: readonly SubscriptionDeclaration[],
): Promise<KeyChanges> {
  const createdAt = Math.floor(clock.now());
  return store.upsertDeclared(declarations.map((declaration) => toStored(declaration, hasher, createdAt)));
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
