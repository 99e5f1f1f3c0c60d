import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { KeySlot, KeyUsed, StaleKey } from "#storage/interfaces.ts";

const digestBytes = 32;

/**
 * How old keys are, and when they were last used: apart from the keys themselves, which a reload writes anew. To be
 * called inside a transaction.
 */
export class KeyUses {
  readonly #begin: StatementSync;
  readonly #forget: StatementSync;
  readonly #note: StatementSync;
  readonly #stale: Readonly<Record<"use" | "age", StatementSync>>;

  constructor(database: DatabaseSync) {
    this.#begin = database.prepare("INSERT OR IGNORE INTO key_uses VALUES (?, ?, ?, NULL)");
    this.#forget = database.prepare("DELETE FROM key_uses WHERE digest = ?");
    this.#note = database.prepare(
      "UPDATE key_uses SET used_at = max(coalesce(used_at, 0), ?) WHERE digest BETWEEN ? AND ?",
    );
    const stale = (time: string): StatementSync =>
      database.prepare(
        `SELECT k.subscription, k.slot, s.scope, s.owner, coalesce(u.made_at, s.created_at) AS made_at, u.used_at,
           u.watched_from
         FROM subscription_keys k JOIN subscriptions s ON s.name = k.subscription JOIN key_uses u ON u.digest = k.digest
         WHERE s.state = 'active' AND ${time} < ? ORDER BY ${time}, k.subscription, k.slot LIMIT ?`,
      );
    this.#stale = {
      use: stale("coalesce(u.used_at, u.watched_from)"),
      age: stale("coalesce(u.made_at, s.created_at)"),
    };
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

  stale(by: "use" | "age", before: number, limit: number): readonly StaleKey[] {
    return this.#stale[by].all(Math.floor(before), limit).map((row) => ({
      subscription: row["subscription"] as string,
      slot: row["slot"] as KeySlot,
      scope: row["scope"] as string,
      owner: row["owner"] as string | null,
      madeAt: row["made_at"] as number,
      usedAt: row["used_at"] as number | null,
      watchedFrom: row["watched_from"] as number,
    }));
  }
}

function filled(digest: Uint8Array, byte: number): Uint8Array {
  const whole = new Uint8Array(digestBytes).fill(byte);
  whole.set(digest.subarray(0, digestBytes));
  return whole;
}
