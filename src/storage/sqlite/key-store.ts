import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";
import { GatewayError } from "#model/errors.ts";
import type { OutboxMessage } from "#model/outbox.ts";
import { assertPage } from "#storage/checks.ts";
import type { KeyChanges, KeySlot, PageRequest, SubscriptionSource, SubscriptionState } from "#storage/interfaces.ts";
import {
  type EndedKeys,
  type HeldKey,
  type KeyRotation,
  type KeyStage,
  type KeyStore,
  mostOldKeys,
} from "#storage/key-store.ts";
import { KeyRows, oldOf } from "./key-rows.ts";
import { outboxWriter } from "./outbox-store.ts";
import { translated } from "./sqlite-errors.ts";
import { transaction } from "./transaction.ts";

const columns = `k.digest, k.subscription, k.slot, k.old_since, k.old_until, s.scope, s.owner, s.source, s.state,
  coalesce(u.made_at, s.created_at) AS made_at, u.used_at, u.told`;
const from = `subscription_keys k JOIN subscriptions s ON s.name = k.subscription
  LEFT JOIN key_uses u ON u.digest = k.digest`;
const stages: readonly (KeyStage | null)[] = [null, "noticed", "due", "ending"];

export class SqliteKeyStore implements KeyStore {
  readonly #database: DatabaseSync;
  readonly #keys: KeyRows;
  readonly #statements: ReturnType<typeof statementsOf>;
  readonly #putMessages: (messages: readonly OutboxMessage[]) => void;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#keys = new KeyRows(database);
    this.#statements = statementsOf(database);
    this.#putMessages = outboxWriter(database);
  }

  rotate(subscription: string, { keys, at, until, messages = [] }: KeyRotation): KeyChanges | null {
    return transaction(this.#database, () => {
      if (this.#statements.exists.get(subscription) === undefined) return null;
      const slots = new Set(keys.map(({ slot }) => slot));
      const before = this.#keys.of(subscription).filter(({ slot }) => slots.has(slot));
      const removed = before.filter(() => until === null || until <= at).map(({ digest }) => digest);
      for (const digest of removed) this.#remove(digest);
      if (removed.length === 0) {
        for (const { digest, old } of before)
          if (old === null) this.#keys.retire(digest, { since: at, until: until ?? at });
      }
      for (const { slot, digest } of keys) this.#keys.insert(subscription, slot, digest, at);
      const set = this.#keys.of(subscription);
      if (set.filter(({ old }) => old !== null).length > mostOldKeys) throw tooMany(subscription);
      this.#putMessages(messages);
      return { removed, set };
    });
  }

  retire(digest: Uint8Array, at: number, until: number, messages: readonly OutboxMessage[] = []): KeyChanges | null {
    return transaction(this.#database, () => {
      const row = this.#statements.one.get(digest);
      const key = row === undefined ? undefined : heldOf(row);
      if (key === undefined || key.old !== null) return null;
      const younger = this.#of(key.subscription).some(({ old, madeAt }) => old === null && madeAt > key.madeAt);
      if (!younger) return null;
      this.#putMessages(messages);
      if (until <= at) {
        this.#remove(digest);
        return { removed: [digest], set: [] };
      }
      this.#keys.retire(digest, { since: at, until });
      return { removed: [], set: this.#keys.of(key.subscription) };
    });
  }

  tell(digest: Uint8Array, stage: KeyStage | null, messages: readonly OutboxMessage[] = []): boolean {
    return transaction(this.#database, () => {
      const row = this.#statements.one.get(digest);
      if (row === undefined) return false;
      const told = heldOf(row).told;
      if (stage !== null && stages.indexOf(told) >= stages.indexOf(stage)) return false;
      this.#statements.tell.run(stage, digest);
      this.#putMessages(messages);
      return told !== stage;
    });
  }

  end(now: number, most: number): EndedKeys {
    return transaction(this.#database, () => this.#end(this.#statements.over.all(Math.floor(now), most).map(heldOf)));
  }

  endOld(subscription: string): EndedKeys | null {
    return transaction(this.#database, () => {
      if (this.#statements.exists.get(subscription) === undefined) return null;
      return this.#end(this.#of(subscription).filter(({ old }) => old !== null));
    });
  }

  nextEnd(): number | null {
    return translated(() => (this.#statements.nextEnd.get()?.["next"] ?? null) as number | null);
  }

  of(subscription: string): readonly HeldKey[] {
    return translated(() => this.#of(subscription));
  }

  held({ after, limit }: PageRequest<Uint8Array>): readonly HeldKey[] {
    assertPage(limit);
    return translated(() => this.#statements.page.all(after ?? new Uint8Array(0), limit).map(heldOf));
  }

  old(limit: number): readonly HeldKey[] {
    assertPage(limit);
    return translated(() => this.#statements.old.all(limit).map(heldOf));
  }

  #of(subscription: string): readonly HeldKey[] {
    return this.#statements.ofSubscription.all(subscription).map(heldOf);
  }

  #end(ended: readonly HeldKey[]): EndedKeys {
    const removed = ended.map(({ digest }) => digest);
    for (const digest of removed) this.#remove(digest);
    return { changes: { removed, set: [] }, ended };
  }

  #remove(digest: Uint8Array): void {
    this.#keys.delete(digest);
    this.#keys.uses.forget([digest]);
  }
}

function statementsOf(database: DatabaseSync) {
  const prepare = (sql: string): StatementSync => database.prepare(sql);
  return {
    exists: prepare("SELECT 1 FROM subscriptions WHERE name = ?"),
    one: prepare(`SELECT ${columns} FROM ${from} WHERE k.digest = ?`),
    ofSubscription: prepare(
      `SELECT ${columns} FROM ${from} WHERE k.subscription = ? ORDER BY k.old_until IS NOT NULL, k.slot, k.old_until`,
    ),
    page: prepare(`SELECT ${columns} FROM ${from} WHERE k.digest > ? ORDER BY k.digest LIMIT ?`),
    old: prepare(`SELECT ${columns} FROM ${from} WHERE k.old_until IS NOT NULL ORDER BY k.old_until LIMIT ?`),
    over: prepare(`SELECT ${columns} FROM ${from} WHERE k.old_until <= ? ORDER BY k.old_until LIMIT ?`),
    nextEnd: prepare("SELECT min(old_until) AS next FROM subscription_keys WHERE old_until IS NOT NULL"),
    tell: prepare("UPDATE key_uses SET told = ? WHERE digest = ?"),
  };
}

function tooMany(subscription: string): GatewayError {
  const message = `subscription ${subscription} has ${mostOldKeys} old keys that go on already: end them first`;
  return new GatewayError("store-conflict", 409, message, { source: "store", expose: true });
}

function heldOf(row: Record<string, SQLOutputValue>): HeldKey {
  return {
    digest: row["digest"] as Uint8Array,
    subscription: row["subscription"] as string,
    slot: row["slot"] as KeySlot,
    scope: row["scope"] as string,
    owner: row["owner"] as string | null,
    source: row["source"] as SubscriptionSource,
    state: row["state"] as SubscriptionState,
    madeAt: row["made_at"] as number,
    usedAt: row["used_at"] as number | null,
    old: oldOf(row),
    told: row["told"] as KeyStage | null,
  };
}
