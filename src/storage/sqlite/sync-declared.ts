import { GatewayError } from "#model/errors.ts";
import type { KeyChanges, KeyRow, NewSubscription } from "#storage/interfaces.ts";
import type { KeyRows } from "./key-rows.ts";
import type { SubscriptionRows } from "./subscription-rows.ts";

/**
 * Makes the declared subscriptions exactly those of the list. Old keys go before any new one comes, so that two
 * subscriptions may exchange keys.
 * @throws GatewayError `store-conflict` when a name is held by a created subscription
 */
export function syncDeclared(
  subscriptions: SubscriptionRows,
  keys: KeyRows,
  list: readonly NewSubscription[],
): KeyChanges {
  const before = keysOfDeclared(subscriptions, keys);
  const names = new Set(list.map(({ name }) => name));
  for (const name of subscriptions.declaredNames()) if (!names.has(name)) subscriptions.delete(name);
  for (const row of before) keys.delete(row.digest);
  for (const declared of list) upsert(subscriptions, declared);
  for (const declared of list) keys.insertAll(declared);
  keepOld(before, keys, list);
  const changes = difference(before, keysOfDeclared(subscriptions, keys));
  keys.uses.forget(changes.removed);
  return changes;
}

/** Keys that were taken out, and old ones whose time is not over: they go on, unless they are declared anew. */
function keepOld(before: readonly KeyRow[], keys: KeyRows, list: readonly NewSubscription[]): void {
  const declared = new Map(list.map((one) => [one.name, one]));
  const again = new Set(
    list.flatMap(({ primaryDigest, secondaryDigest }) => [primaryDigest, secondaryDigest ?? primaryDigest].map(hex)),
  );
  for (const { subscription, slot, digest, old } of before) {
    const { createdAt: now, graceMs = 0 } = declared.get(subscription) ?? {};
    if (now === undefined || again.has(hex(digest))) continue;
    const times = old ?? { since: now, until: now + graceMs };
    if (times.until > now) keys.insertOld(subscription, slot, digest, times);
  }
}

function keysOfDeclared(subscriptions: SubscriptionRows, keys: KeyRows): readonly KeyRow[] {
  return subscriptions.declaredNames().flatMap((name) => keys.of(name));
}

function upsert(subscriptions: SubscriptionRows, declared: NewSubscription): void {
  const present = subscriptions.get(declared.name);
  if (present === null) return subscriptions.insert(declared);
  if (present.source === "declared") return subscriptions.update(declared);
  const message = `the definition declares a subscription ${declared.name}, and one of that name was created before`;
  throw new GatewayError("store-conflict", 409, message, { source: "store" });
}

/** Only what differs: a reload that changes nothing must not touch the index. */
function difference(before: readonly KeyRow[], after: readonly KeyRow[]): KeyChanges {
  const old = new Map(before.map((row) => [hex(row.digest), row]));
  const set: KeyRow[] = [];
  for (const row of after) {
    const same = old.get(hex(row.digest));
    old.delete(hex(row.digest));
    if (same === undefined || !isSame(same, row)) set.push(row);
  }
  return { removed: [...old.values()].map((row) => row.digest), set };
}

function isSame(a: KeyRow, b: KeyRow): boolean {
  const opens = a.subscription === b.subscription && a.scope === b.scope && a.state === b.state && a.slot === b.slot;
  return (
    opens &&
    a.old?.until === b.old?.until &&
    a.endsAt === b.endsAt &&
    a.owner === b.owner &&
    a.displayName === b.displayName
  );
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex");
}
