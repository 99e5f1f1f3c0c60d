import type { DatabaseSync } from "node:sqlite";
import { translated } from "./sqlite-errors.ts";

/** Takes the write lock at once, so that no reader has to become a writer half-way and fail. */
export function transaction<T>(database: DatabaseSync, work: () => T): T {
  return translated(() => {
    database.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      database.exec("COMMIT");
      return result;
    } catch (error) {
      // SQLite has already rolled back by itself after some failures, such as a full disk.
      if (database.isTransaction) database.exec("ROLLBACK");
      throw error;
    }
  });
}
