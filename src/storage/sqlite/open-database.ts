import { chmodSync, closeSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { GatewayError } from "#model/errors.ts";
import { translated } from "./sqlite-errors.ts";

/** How long a statement waits for another process's lock. */
const busyTimeoutMs = 2000;

/**
 * Opens a file, made if need be, or `:memory:`. The file is for its owner only; SQLite gives its side files the same
 * permissions.
 *
 * WAL lets `sallyport` commands read while the gateway writes. `synchronous = FULL` syncs the log at each commit: with
 * NORMAL, a power cut could take back quota leases that requests have used, and a key that was revoked.
 *
 * @throws GatewayError `store-unavailable`, `store-corrupt`
 */
export function openDatabase(path: string): DatabaseSync {
  if (path !== ":memory:") reserveFile(path);
  return translated(() => {
    const database = new DatabaseSync(path, { timeout: busyTimeoutMs, enableForeignKeyConstraints: true });
    try {
      database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF");
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

function reserveFile(path: string): void {
  try {
    closeSync(openSync(path, "a", 0o600));
    chmodSync(path, 0o600);
  } catch (error) {
    const message = `the database file ${path} cannot be opened for writing`;
    throw new GatewayError("store-unavailable", 503, message, { source: "store", cause: error });
  }
}
