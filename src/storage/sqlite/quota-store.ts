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
      `INSERT INTO quota_leases (counter, window_start, leased) VALUES (?, ?, ?)
       ON CONFLICT (counter, window_start) DO UPDATE SET leased = excluded.leased`,
    );
    this.#prune = database.prepare(
      `DELETE FROM quota_leases AS old WHERE window_start < ? AND EXISTS (
         SELECT 1 FROM quota_leases newer WHERE newer.counter = old.counter AND newer.window_start > old.window_start)`,
    );
  }

  lease(counter: string, windowStart: number, amount: number, limit: number): QuotaLease {
    assertLease(windowStart, amount, limit);
    return transaction(this.#database, () => {
      const before = Number(this.#read.get(counter, windowStart)?.["leased"] ?? 0);
      const granted = Math.max(0, Math.min(amount, limit - before));
      if (granted > 0) this.#write.run(counter, windowStart, before + granted);
      return { leased: before + granted, granted };
    });
  }

  prune(before: number): number {
    return transaction(this.#database, () => Number(this.#prune.run(before).changes));
  }
}
