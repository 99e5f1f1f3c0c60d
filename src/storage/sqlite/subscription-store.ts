import type { DatabaseSync } from "node:sqlite";
import { GatewayError } from "#model/errors.ts";
import { assertPage } from "#storage/checks.ts";
import type {
  KeyChanges,
  KeyRow,
  KeySlot,
  NewSubscription,
  PageRequest,
  SubscriptionRecord,
  SubscriptionState,
  SubscriptionStore,
} from "#storage/interfaces.ts";
import { KeyRows } from "./key-rows.ts";
import { syncDeclared } from "./sync-declared.ts";
import { translated } from "./sqlite-errors.ts";
import { SubscriptionRows } from "./subscription-rows.ts";
import { transaction } from "./transaction.ts";

export class SqliteSubscriptionStore implements SubscriptionStore {
  readonly #database: DatabaseSync;
  readonly #subscriptions: SubscriptionRows;
  readonly #keys: KeyRows;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#subscriptions = new SubscriptionRows(database);
    this.#keys = new KeyRows(database);
  }

  upsertDeclared(list: readonly NewSubscription[]): KeyChanges {
    if (list.some(({ source }) => source !== "declared")) throw new GatewayError("internal", 500, "not declared");
    return transaction(this.#database, () => syncDeclared(this.#subscriptions, this.#keys, list));
  }

  create(subscription: NewSubscription): KeyChanges {
    return transaction(this.#database, () => {
      this.#subscriptions.insert(subscription);
      this.#keys.insertAll(subscription);
      return { removed: [], set: this.#keys.of(subscription.name) };
    });
  }

  get(name: string): SubscriptionRecord | null {
    return translated(() => this.#subscriptions.get(name));
  }

  list({ after, limit }: PageRequest<string>): readonly SubscriptionRecord[] {
    assertPage(limit);
    return translated(() => this.#subscriptions.page(after, limit));
  }

  setState(name: string, state: SubscriptionState): KeyChanges | null {
    return transaction(this.#database, () => {
      if (!this.#subscriptions.setState(name, state)) return null;
      return { removed: [], set: this.#keys.of(name) };
    });
  }

  replaceKey(name: string, slot: KeySlot, digest: Uint8Array): KeyChanges | null {
    return transaction(this.#database, () => {
      if (this.#subscriptions.get(name) === null) return null;
      const removed = this.#keys.of(name).filter((row) => row.slot === slot);
      for (const row of removed) this.#keys.delete(row.digest);
      this.#keys.insert(name, slot, digest);
      const set = this.#keys.of(name).filter((row) => row.slot === slot);
      return { removed: removed.map((row) => row.digest), set };
    });
  }

  remove(name: string): KeyChanges | null {
    return transaction(this.#database, () => {
      if (this.#subscriptions.get(name) === null) return null;
      const removed = this.#keys.of(name).map((row) => row.digest);
      this.#subscriptions.delete(name);
      return { removed, set: [] };
    });
  }

  keys({ after, limit }: PageRequest<Uint8Array>): readonly KeyRow[] {
    assertPage(limit);
    return translated(() => this.#keys.page(after, limit));
  }
}
