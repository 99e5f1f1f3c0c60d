import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";
import type {
  NewSubscription,
  SubscriptionRecord,
  SubscriptionSource,
  SubscriptionState,
} from "#storage/interfaces.ts";

const columns = `name, scope, state, source, created_at, EXISTS (
  SELECT 1 FROM subscription_keys k WHERE k.subscription = name AND k.slot = 'secondary') AS has_secondary`;

/** The rows of `subscriptions`. To be called inside a transaction. */
export class SubscriptionRows {
  readonly #insert: StatementSync;
  readonly #update: StatementSync;
  readonly #setState: StatementSync;
  readonly #delete: StatementSync;
  readonly #get: StatementSync;
  readonly #page: StatementSync;
  readonly #declared: StatementSync;

  constructor(database: DatabaseSync) {
    this.#insert = database.prepare(
      "INSERT INTO subscriptions (name, scope, state, source, created_at) VALUES (?, ?, ?, ?, ?)",
    );
    this.#update = database.prepare("UPDATE subscriptions SET scope = ?, state = ? WHERE name = ?");
    this.#setState = database.prepare("UPDATE subscriptions SET state = ? WHERE name = ?");
    this.#delete = database.prepare("DELETE FROM subscriptions WHERE name = ?");
    this.#get = database.prepare(`SELECT ${columns} FROM subscriptions WHERE name = ?`);
    this.#page = database.prepare(`SELECT ${columns} FROM subscriptions WHERE name > ? ORDER BY name LIMIT ?`);
    this.#declared = database.prepare("SELECT name FROM subscriptions WHERE source = 'declared'");
  }

  insert({ name, scope, state, source, createdAt }: NewSubscription): void {
    this.#insert.run(name, scope, state, source, Math.floor(createdAt));
  }

  update({ name, scope, state }: NewSubscription): void {
    this.#update.run(scope, state, name);
  }

  /** False if there is no such subscription. */
  setState(name: string, state: SubscriptionState): boolean {
    return Number(this.#setState.run(state, name).changes) > 0;
  }

  /** Takes its keys along. */
  delete(name: string): void {
    this.#delete.run(name);
  }

  get(name: string): SubscriptionRecord | null {
    const row = this.#get.get(name);
    return row === undefined ? null : toRecord(row);
  }

  page(after: string | null, limit: number): readonly SubscriptionRecord[] {
    return this.#page.all(after ?? "", limit).map(toRecord);
  }

  declaredNames(): readonly string[] {
    return this.#declared.all().map((row) => row["name"] as string);
  }
}

function toRecord(row: Record<string, SQLOutputValue>): SubscriptionRecord {
  return {
    name: row["name"] as string,
    scope: row["scope"] as string,
    state: row["state"] as SubscriptionState,
    source: row["source"] as SubscriptionSource,
    hasSecondaryKey: row["has_secondary"] === 1,
    createdAt: row["created_at"] as number,
  };
}
