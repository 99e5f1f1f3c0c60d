import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";
import type { AgeLimits, KeySlot, KeyUsed, StaleKey, SubscriptionSource } from "#storage/interfaces.ts";

const digestBytes = 32;

const madeAt = "coalesce(u.made_at, s.created_at)";
const lastUse = "coalesce(u.used_at, u.watched_from)";
const columns = `k.subscription, k.slot, s.scope, s.source, s.owner, ${madeAt} AS made_at, u.used_at, u.watched_from`;
/** There is a younger key, so that the schedule ends this one. */
const goesByItself = `s.source = 'created' AND EXISTS (
  SELECT 1 FROM subscription_keys other JOIN key_uses known ON known.digest = other.digest
  WHERE other.subscription = k.subscription AND other.old_until IS NULL
    AND coalesce(known.made_at, s.created_at) > ${madeAt})`;
const from = `subscription_keys k JOIN subscriptions s ON s.name = k.subscription JOIN key_uses u ON u.digest = k.digest`;

/**
 * How old keys are, and when they were last used: apart from the keys themselves, which a reload writes anew. To be
 * called inside a transaction.
 */
export class KeyUses {
  readonly #begin: StatementSync;
  readonly #forget: StatementSync;
  readonly #note: StatementSync;
  readonly #unused: StatementSync;
  readonly #aged: StatementSync;

  constructor(database: DatabaseSync) {
    this.#begin = database.prepare("INSERT OR IGNORE INTO key_uses (digest, made_at, watched_from) VALUES (?, ?, ?)");
    this.#forget = database.prepare("DELETE FROM key_uses WHERE digest = ?");
    this.#note = database.prepare(
      "UPDATE key_uses SET used_at = max(coalesce(used_at, 0), ?) WHERE digest BETWEEN ? AND ?",
    );
    this.#unused = database.prepare(
      `SELECT ${columns} FROM ${from} WHERE s.state = 'active' AND k.old_until IS NULL AND ${lastUse} < ?
       ORDER BY ${lastUse}, k.subscription, k.slot LIMIT ?`,
    );
    // Materialized, so that each is looked up by an index that is made for the question.
    this.#aged = database.prepare(
      `WITH own AS MATERIALIZED (SELECT key, value FROM json_each(?)),
         shared AS MATERIALIZED (SELECT key, value FROM json_each(?))
       SELECT ${columns} FROM ${from} LEFT JOIN own ON own.key = k.subscription LEFT JOIN shared ON shared.key = s.scope
       WHERE s.state = 'active' AND k.old_until IS NULL AND ${madeAt} < coalesce(own.value, shared.value, ?)
         AND NOT (coalesce(own.value, shared.value) IS NOT NULL AND ${goesByItself})
       ORDER BY ${madeAt}, k.subscription, k.slot LIMIT ?`,
    );
  }

  /** A key that is known already stays as old as it is. */
  begin(digest: Uint8Array, at: number): void {
    this.#begin.run(digest, Math.floor(at), Math.floor(at));
  }

  forget(digests: readonly Uint8Array[]): void {
    for (const digest of digests) this.#forget.run(digest);
  }

  note(uses: readonly KeyUsed[]): void {
    for (const { digest, at } of uses) this.#note.run(Math.floor(at), filled(digest, 0), filled(digest, 255));
  }

  unused(before: number, limit: number): readonly StaleKey[] {
    return this.#unused.all(Math.floor(before), limit).map(toStale);
  }

  aged({ usual, subscriptions, scopes }: AgeLimits, limit: number): readonly StaleKey[] {
    const [own, shared] = [subscriptions, scopes].map((limits) => JSON.stringify(limits));
    return this.#aged.all(own ?? "", shared ?? "", Math.floor(usual), limit).map(toStale);
  }
}

function toStale(row: Record<string, SQLOutputValue>): StaleKey {
  return {
    subscription: row["subscription"] as string,
    slot: row["slot"] as KeySlot,
    scope: row["scope"] as string,
    source: row["source"] as SubscriptionSource,
    owner: row["owner"] as string | null,
    madeAt: row["made_at"] as number,
    usedAt: row["used_at"] as number | null,
    watchedFrom: row["watched_from"] as number,
  };
}

function filled(digest: Uint8Array, byte: number): Uint8Array {
  const whole = new Uint8Array(digestBytes).fill(byte);
  whole.set(digest.subarray(0, digestBytes));
  return whole;
}
