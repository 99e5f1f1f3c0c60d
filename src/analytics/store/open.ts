import { existsSync, renameSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { GatewayError } from "#model/errors.ts";
import { openDatabase } from "#storage/sqlite/open-database.ts";
import { prepareSchema } from "./schema.ts";
import { addSketchFunctions } from "./sketch-functions.ts";

export interface OpenedAnalytics {
  readonly database: DatabaseSync;
  /** Where the file went that could not be read; null: it could. */
  readonly setAside: string | null;
}

/**
 * Opens the roll-ups. They are derived from requests that have their record: a file that is damaged, or of another
 * version, is put aside, and counting begins anew. That must never keep a gateway from serving.
 *
 * @throws GatewayError `store-unavailable`
 */
export function openAnalytics(path: string): OpenedAnalytics {
  const database = tryToOpen(path);
  if (database !== null) return { database, setAside: null };
  const setAside = `${path}.damaged`;
  for (const end of ["", "-wal", "-shm"]) {
    if (existsSync(path + end)) renameSync(path + end, setAside + end);
  }
  const fresh = tryToOpen(path);
  if (fresh === null) throw new GatewayError("store-unavailable", 503, `${path} cannot be used`, { source: "store" });
  return { database: fresh, setAside };
}

function tryToOpen(path: string): DatabaseSync | null {
  let database: DatabaseSync | null = null;
  try {
    database = openDatabase(path);
    // A power cut may take back the last moments, which a crash takes anyway: no sync at each commit.
    database.exec("PRAGMA synchronous = NORMAL");
    addSketchFunctions(database);
    if (prepareSchema(database)) return database;
  } catch (error) {
    if (database === null && !(error instanceof GatewayError && error.code === "store-corrupt")) throw error;
  }
  database?.close();
  return null;
}
