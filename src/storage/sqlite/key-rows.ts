import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";
import type { KeyRow, KeySlot, NewSubscription, OldKey, SubscriptionState } from "#storage/interfaces.ts";
import { assertDigest } from "#storage/checks.ts";
import { KeyUses } from "./key-uses.ts";

/** A user that the store does not know yet may be declared as an owner; one that it knows must be active. */
const columns = `k.digest, k.subscription, k.slot, k.old_since, k.old_until, s.scope, s.created_at, s.started_at, s.ends_at, s.owner, s.display_name,
  CASE WHEN s.state = 'active' AND u.state <> 'active' THEN 'suspended' ELSE s.state END AS state`;
const from = `subscription_keys k JOIN subscriptions s ON s.name = k.subscription
  LEFT JOIN users u ON u.id = s.owner`;

/** The rows of `subscription_keys`. To be called inside a transaction. */
export class KeyRows {
  readonly uses: KeyUses;
  readonly #insert: StatementSync;
  readonly #retire: StatementSync;
  readonly #delete: StatementSync;
  readonly #ofSubscription: StatementSync;
  readonly #ofOwner: StatementSync;
  readonly #page: StatementSync;

  constructor(database: DatabaseSync) {
    this.uses = new KeyUses(database);
    this.#insert = database.prepare(
      "INSERT INTO subscription_keys (digest, subscription, slot, old_since, old_until) VALUES (?, ?, ?, ?, ?)",
    );
    this.#retire = database.prepare("UPDATE subscription_keys SET old_since = ?, old_until = ? WHERE digest = ?");
    this.#delete = database.prepare("DELETE FROM subscription_keys WHERE digest = ?");
    this.#ofSubscription = database.prepare(
      `SELECT ${columns} FROM ${from} WHERE k.subscription = ? ORDER BY k.old_until IS NOT NULL, k.slot`,
    );
    this.#ofOwner = database.prepare(`SELECT ${columns} FROM ${from} WHERE s.owner = ?`);
    this.#page = database.prepare(`SELECT ${columns} FROM ${from} WHERE k.digest > ? ORDER BY k.digest LIMIT ?`);
  }

  /** Those in slots first, primary before secondary. */
  of(subscription: string): readonly KeyRow[] {
    return this.#ofSubscription.all(subscription).map(toRow);
  }

  /** Of all subscriptions of a user. */
  ofOwner(user: string): readonly KeyRow[] {
    return this.#ofOwner.all(user).map(toRow);
  }

  page(after: Uint8Array | null, limit: number): readonly KeyRow[] {
    return this.#page.all(after ?? new Uint8Array(0), limit).map(toRow);
  }

  insert(subscription: string, slot: KeySlot, digest: Uint8Array, at: number): void {
    assertDigest(digest);
    this.#insert.run(digest, subscription, slot, null, null);
    this.uses.begin(digest, at);
  }

  insertOld(subscription: string, slot: KeySlot, digest: Uint8Array, { since, until }: OldKey): void {
    this.#insert.run(digest, subscription, slot, Math.floor(since), Math.floor(until));
  }

  /** Takes it out of its slot. */
  retire(digest: Uint8Array, { since, until }: OldKey): void {
    this.#retire.run(Math.floor(since), Math.floor(until), digest);
  }

  insertAll(subscription: NewSubscription): void {
    this.insert(subscription.name, "primary", subscription.primaryDigest, subscription.createdAt);
    if (subscription.secondaryDigest !== null) {
      this.insert(subscription.name, "secondary", subscription.secondaryDigest, subscription.createdAt);
    }
  }

  /** What is known of its use stays, in case that it is declared again with the same transaction. */
  delete(digest: Uint8Array): void {
    this.#delete.run(digest);
  }
}

/** Of a row with both of its times. */
export function oldOf(row: Record<string, SQLOutputValue>): OldKey | null {
  const { old_since: since, old_until: until } = row;
  return typeof since === "number" && typeof until === "number" ? { since, until } : null;
}

function toRow(row: Record<string, SQLOutputValue>): KeyRow {
  return {
    digest: row["digest"] as Uint8Array,
    subscription: row["subscription"] as string,
    scope: row["scope"] as string,
    state: row["state"] as SubscriptionState,
    slot: row["slot"] as KeySlot,
    old: oldOf(row),
    createdAt: row["created_at"] as number,
    startedAt: row["started_at"] as number | null,
    endsAt: row["ends_at"] as number | null,
    owner: row["owner"] as string | null,
    displayName: row["display_name"] as string | null,
  };
}
