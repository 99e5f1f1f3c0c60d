import { closeSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { GatewayError } from "#model/errors.ts";
import { translated } from "./sqlite-errors.ts";

/** A gateway that runs may hold a lock for as long as a commit takes. */
const busyTimeoutMs = 10_000;

/**
 * Copies a database as it is at one moment, also while another process writes to it.
 *
 * @param target must not be there; readable by its owner only
 * @throws GatewayError `store-unavailable`, `store-corrupt`
 */
export function snapshotDatabase(path: string, target: string): void {
  closeSync(openSync(target, "wx", 0o600));
  translated(() => {
    const database = new DatabaseSync(path, { readOnly: true, timeout: busyTimeoutMs });
    try {
      database.prepare("VACUUM INTO ?").run(target);
    } finally {
      database.close();
    }
  });
}

/**
 * A copy brings back sessions that have ended since, and knows nothing of what was revoked since: nobody is logged in by it.
 *
 * @throws GatewayError `store-unavailable`, `store-corrupt`
 */
export function dropSessions(path: string): void {
  translated(() => {
    const database = new DatabaseSync(path);
    try {
      const isThere = database.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'sessions'").get();
      // A copy may be older than sessions are.
      if (isThere !== undefined) database.exec("DELETE FROM sessions");
    } finally {
      database.close();
    }
  });
}

/** @throws GatewayError `store-corrupt` */
export function checkDatabase(path: string): void {
  const problem = translated(() => {
    const database = new DatabaseSync(path, { readOnly: true });
    try {
      return database.prepare("PRAGMA quick_check(1)").get()?.["quick_check"];
    } finally {
      database.close();
    }
  });
  if (problem === "ok") return;
  throw new GatewayError("store-corrupt", 500, `the database is damaged: ${String(problem)}`, { source: "store" });
}
