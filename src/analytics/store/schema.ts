import type { DatabaseSync } from "node:sqlite";
import { dimensions } from "#analytics/dimensions.ts";

/** Another one is not read: what it holds is derived, and begins anew. */
const version = 1;

/** Values of a dimension, as columns. */
export const dimensionColumns: string = dimensions.join(", ");

/** @returns false: the file is of another version of this table */
export function prepareSchema(database: DatabaseSync): boolean {
  const found = Number(database.prepare("PRAGMA user_version").get()?.["user_version"]);
  if (found === version) return true;
  if (found !== 0) return false;
  database.exec(`
    CREATE TABLE series (
      id INTEGER PRIMARY KEY,
      ${dimensions.map((name) => `${name} TEXT NOT NULL,`).join("\n      ")}
      UNIQUE (${dimensionColumns})
    ) STRICT;
    CREATE TABLE rollups (
      level INTEGER NOT NULL,
      start INTEGER NOT NULL,
      series INTEGER NOT NULL,
      calls INTEGER NOT NULL,
      denied INTEGER NOT NULL,
      bytes_in INTEGER NOT NULL,
      bytes_out INTEGER NOT NULL,
      cache_hits INTEGER NOT NULL,
      tokens INTEGER NOT NULL,
      sum_ms REAL NOT NULL,
      max_ms REAL NOT NULL,
      sketch BLOB NOT NULL,
      PRIMARY KEY (level, start, series)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE marks (level INTEGER PRIMARY KEY, until INTEGER NOT NULL) STRICT;
    PRAGMA user_version = ${version};`);
  return true;
}
