import type { DatabaseSync } from "node:sqlite";
import { GatewayError } from "#model/errors.ts";
import { assertPage } from "#storage/checks.ts";
import type {
  AgeLimits,
  KeyChanges,
  KeyRow,
  KeySlot,
  KeyUsed,
  NewSubscription,
  PageRequest,
  StaleKey,
  StateChange,
  SubscriptionRecord,
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

  create(subscription: NewSubscription, most: number | null = null): KeyChanges {
    return transaction(this.#database, () => {
      this.#assertRoom(subscription, most);
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

  ofOwner(user: string, limit: number): readonly SubscriptionRecord[] {
    assertPage(limit);
    return translated(() => this.#subscriptions.ofOwner(user, limit));
  }

  setState(name: string, change: StateChange): KeyChanges | null {
    return transaction(this.#database, () => {
      const before = this.#subscriptions.get(name);
      if (before === null) return null;
      if (!change.from.includes(before.state)) throw conflict(`subscription ${name} is ${before.state}`);
      this.#subscriptions.setState(name, change);
      return { removed: [], set: this.#keys.of(name) };
    });
  }

  expire(now: number, most: number): KeyChanges {
    return transaction(this.#database, () => {
      const names = this.#subscriptions.expire(now, most);
      return { removed: [], set: names.flatMap((name) => this.#keys.of(name)) };
    });
  }

  nextEnd(): number | null {
    return translated(() => this.#subscriptions.nextEnd());
  }

  replaceKey(name: string, slot: KeySlot, digest: Uint8Array, at: number): KeyChanges | null {
    return transaction(this.#database, () => {
      if (this.#subscriptions.get(name) === null) return null;
      const removed = this.#keys.of(name).filter((row) => row.slot === slot);
      for (const row of removed) this.#keys.delete(row.digest);
      this.#keys.uses.forget(removed.map((row) => row.digest));
      this.#keys.insert(name, slot, digest, at);
      const set = this.#keys.of(name).filter((row) => row.slot === slot);
      return { removed: removed.map((row) => row.digest), set };
    });
  }

  remove(name: string): KeyChanges | null {
    return transaction(this.#database, () => {
      if (this.#subscriptions.get(name) === null) return null;
      const removed = this.#keys.of(name).map((row) => row.digest);
      this.#subscriptions.delete(name);
      this.#keys.uses.forget(removed);
      return { removed, set: [] };
    });
  }

  keys({ after, limit }: PageRequest<Uint8Array>): readonly KeyRow[] {
    assertPage(limit);
    return translated(() => this.#keys.page(after, limit));
  }

  noteUses(uses: readonly KeyUsed[]): void {
    transaction(this.#database, () => this.#keys.uses.note(uses));
  }

  unusedKeys(before: number, limit: number): readonly StaleKey[] {
    assertPage(limit);
    return translated(() => this.#keys.uses.unused(before, limit));
  }

  agedKeys(limits: AgeLimits, limit: number): readonly StaleKey[] {
    assertPage(limit);
    return translated(() => this.#keys.uses.aged(limits, limit));
  }

  #assertRoom({ owner = null, scope }: NewSubscription, most: number | null): void {
    if (owner === null || most === null) return;
    const held = this.#subscriptions.held(owner, scope);
    if (held >= most) throw conflict(`${owner} has ${held} of at most ${most} subscriptions to ${scope}`);
  }
}

function conflict(message: string): GatewayError {
  return new GatewayError("store-conflict", 409, message, { source: "store", expose: true });
}
