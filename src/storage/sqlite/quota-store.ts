import type { DatabaseSync, StatementSync } from "node:sqlite";
import { assertLease } from "#storage/checks.ts";
import type { QuotaLease, QuotaStore } from "#storage/interfaces.ts";
import { transaction } from "./transaction.ts";

export class SqliteQuotaStore implements QuotaStore {
  readonly #database: DatabaseSync;
  readonly #read: StatementSync;
  readonly #write: StatementSync;
  readonly #prune: StatementSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#read = database.prepare("SELECT leased FROM quota_leases WHERE counter = ? AND window_start = ?");
    this.#write = database.prepare(
      `INSERT INTO quota_leases (counter, window_start, leased, window_end) VALUES (?, ?, ?, ?)
       ON CONFLICT (counter, window_start) DO UPDATE SET leased = excluded.leased, window_end = excluded.window_end`,
    );
    this.#prune = database.prepare(
      `DELETE FROM quota_leases WHERE (counter, window_start) IN (
         SELECT counter, window_start FROM quota_leases WHERE window_end <= ? LIMIT ?)`,
    );
  }

  lease(
    counter: string,
    windowStart: number,
    amount: number,
    limit: number,
    windowEnd: number | null = null,
  ): QuotaLease {
    assertLease(windowStart, amount, limit);
    return transaction(this.#database, () => {
      const before = Number(this.#read.get(counter, windowStart)?.["leased"] ?? 0);
      const granted = Math.max(0, Math.min(amount, limit - before));
      if (granted > 0) this.#write.run(counter, windowStart, before + granted, windowEnd);
      return { leased: before + granted, granted };
    });
  }

  prune(now: number, most: number): number {
    return transaction(this.#database, () => Number(this.#prune.run(now, most).changes));
  }
}
