import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";
import type {
  NewSubscription,
  StateChange,
  SubscriptionRecord,
  SubscriptionSource,
  SubscriptionState,
} from "#storage/interfaces.ts";

const columns = `name, scope, state, source, created_at, display_name, owner, started_at, ends_at, EXISTS (
  SELECT 1 FROM subscription_keys k WHERE k.subscription = name AND k.slot = 'secondary' AND k.old_until IS NULL) AS has_secondary`;

const mayExpire = "ends_at IS NOT NULL AND state IN ('submitted', 'active', 'suspended')";

/** The rows of `subscriptions`. To be called inside a transaction. */
export class SubscriptionRows {
  readonly #insert: StatementSync;
  readonly #update: StatementSync;
  readonly #setState: StatementSync;
  readonly #held: StatementSync;
  readonly #expire: StatementSync;
  readonly #nextEnd: StatementSync;
  readonly #delete: StatementSync;
  readonly #get: StatementSync;
  readonly #page: StatementSync;
  readonly #ofOwner: StatementSync;
  readonly #declared: StatementSync;

  constructor(database: DatabaseSync) {
    this.#insert = database.prepare(
      `INSERT INTO subscriptions
         (name, scope, state, source, created_at, display_name, owner, started_at, ends_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#update = database.prepare(
      "UPDATE subscriptions SET scope = ?, state = ?, display_name = ?, owner = ?, ends_at = ? WHERE name = ?",
    );
    this.#setState = database.prepare(
      `UPDATE subscriptions SET state = $to, ends_at = coalesce($end, ends_at),
         started_at = CASE WHEN $to = 'active' THEN coalesce(started_at, $at) ELSE started_at END
       WHERE name = $name`,
    );
    this.#held = database.prepare(
      `SELECT count(*) AS held FROM subscriptions
       WHERE owner = ? AND scope = ? AND state IN ('submitted', 'active', 'suspended')`,
    );
    this.#expire = database.prepare(
      `UPDATE subscriptions SET state = 'expired' WHERE name IN (
         SELECT name FROM subscriptions WHERE ${mayExpire} AND ends_at <= ? LIMIT ?) RETURNING name`,
    );
    this.#nextEnd = database.prepare(`SELECT min(ends_at) AS next FROM subscriptions WHERE ${mayExpire}`);
    this.#delete = database.prepare("DELETE FROM subscriptions WHERE name = ?");
    this.#get = database.prepare(`SELECT ${columns} FROM subscriptions WHERE name = ?`);
    this.#page = database.prepare(`SELECT ${columns} FROM subscriptions WHERE name > ? ORDER BY name LIMIT ?`);
    this.#ofOwner = database.prepare(`SELECT ${columns} FROM subscriptions WHERE owner = ? ORDER BY name LIMIT ?`);
    this.#declared = database.prepare("SELECT name FROM subscriptions WHERE source = 'declared'");
  }

  insert({ name, scope, state, source, createdAt, ...more }: NewSubscription): void {
    const { displayName = null, owner = null, startedAt = null, endsAt = null } = more;
    const [created, started, ends] = [createdAt, startedAt, endsAt].map((time) => time && Math.floor(time));
    this.#insert.run(name, scope, state, source, created ?? 0, displayName, owner, started ?? null, ends ?? null);
  }

  /** When it was made and began stays. */
  update({ name, scope, state, displayName = null, owner = null, endsAt = null }: NewSubscription): void {
    this.#update.run(scope, state, displayName, owner, endsAt && Math.floor(endsAt), name);
  }

  setState(name: string, { to, at, endsAt }: StateChange): void {
    this.#setState.run({
      $to: to,
      $at: Math.floor(at),
      $end: endsAt === undefined ? null : Math.floor(endsAt),
      $name: name,
    });
  }

  /** How many of a scope an owner has that are not over. */
  held(owner: string, scope: string): number {
    return Number(this.#held.get(owner, scope)?.["held"]);
  }

  /** @returns their names */
  expire(now: number, most: number): readonly string[] {
    return this.#expire.all(now, most).map((row) => row["name"] as string);
  }

  nextEnd(): number | null {
    return (this.#nextEnd.get()?.["next"] ?? null) as number | null;
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

  ofOwner(owner: string, limit: number): readonly SubscriptionRecord[] {
    return this.#ofOwner.all(owner, limit).map(toRecord);
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
    displayName: row["display_name"] as string | null,
    owner: row["owner"] as string | null,
    startedAt: row["started_at"] as number | null,
    endsAt: row["ends_at"] as number | null,
  };
}
