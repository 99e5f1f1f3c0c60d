import { rmSync } from "node:fs";
import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";
import { GatewayError } from "#model/errors.ts";
import type { BlockQuery, IndexedBlock, IndexEnd, SearchIndex } from "#model/search-index.ts";
import { openDatabase } from "./open-database.ts";
import { translated } from "./sqlite-errors.ts";
import { transaction } from "./transaction.ts";

/** A file of another version is thrown away: it can be built again. */
const version = 1;

const schema = `
  DROP TABLE IF EXISTS blocks;
  DROP TABLE IF EXISTS index_end;
  CREATE TABLE blocks (
    segment INTEGER NOT NULL,
    offset INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    lines INTEGER NOT NULL,
    first_seq INTEGER NOT NULL,
    from_ms INTEGER NOT NULL,
    usual_from_ms INTEGER NOT NULL,
    to_ms INTEGER NOT NULL,
    filter BLOB NOT NULL,
    PRIMARY KEY (segment, offset)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX blocks_by_time ON blocks (to_ms, from_ms);
  CREATE TABLE index_end (one INTEGER PRIMARY KEY CHECK (one = 1), segment INTEGER NOT NULL, offset INTEGER NOT NULL) STRICT;
  INSERT INTO index_end VALUES (1, 0, 0);
  PRAGMA user_version = ${version};`;

/**
 * Opens the index, made if need be; a damaged one is thrown away, since it can be built again.
 * @throws GatewayError `store-unavailable`
 */
export function openSearchIndex(path: string): SearchIndex {
  try {
    return open(path);
  } catch (error) {
    if (!(error instanceof GatewayError) || error.code !== "store-corrupt") throw error;
    for (const file of [path, `${path}-wal`, `${path}-shm`]) rmSync(file, { force: true });
    return open(path);
  }
}

function open(path: string): SearchIndex {
  const database = openDatabase(path);
  return translated(() => {
    // A power cut takes nothing that cannot be read from the record again.
    database.exec("PRAGMA synchronous = NORMAL");
    const found = database.prepare("PRAGMA user_version").get()?.["user_version"];
    if (found !== version) transaction(database, () => database.exec(schema));
    return new SqliteSearchIndex(database);
  });
}

class SqliteSearchIndex implements SearchIndex {
  readonly #database: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #at: StatementSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#insert = database.prepare("INSERT INTO blocks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
    this.#at = database.prepare("SELECT * FROM blocks WHERE segment = ? AND offset <= ? ORDER BY offset DESC LIMIT 1");
  }

  end(): IndexEnd {
    const row = translated(() => this.#database.prepare("SELECT segment, offset FROM index_end").get());
    return { segment: Number(row?.["segment"]), offset: Number(row?.["offset"]) };
  }

  add(after: IndexEnd, blocks: readonly IndexedBlock[], end: IndexEnd): boolean {
    return transaction(this.#database, () => {
      const moved = this.#database
        .prepare("UPDATE index_end SET segment = ?, offset = ? WHERE segment = ? AND offset = ?")
        .run(end.segment, end.offset, after.segment, after.offset);
      if (moved.changes === 0) return false;
      for (const block of blocks) this.#put(block);
      return true;
    });
  }

  last(segment: number): IndexedBlock | undefined {
    const row = translated(() =>
      this.#database.prepare("SELECT * FROM blocks WHERE segment = ? ORDER BY offset DESC LIMIT 1").get(segment),
    );
    return row === undefined ? undefined : blockOf(row);
  }

  blockAt(segment: number, offset: number): IndexedBlock | undefined {
    const row = translated(() => this.#at.get(segment, offset));
    const block = row && blockOf(row);
    return block !== undefined && offset < block.offset + block.bytes ? block : undefined;
  }

  *blocks({ fromMs, toMs }: BlockQuery): Iterable<IndexedBlock> {
    const rows = translated(() =>
      this.#database
        .prepare(
          // By the index alone, which is small: of blocks at other times not even the filter is read.
          `SELECT blocks.* FROM
             (SELECT segment, offset FROM blocks INDEXED BY blocks_by_time WHERE to_ms >= ? AND from_ms < ?) AS met
             JOIN blocks USING (segment, offset) ORDER BY segment DESC, offset DESC`,
        )
        .iterate(bounded(fromMs), bounded(toMs)),
    );
    for (const row of rows) yield blockOf(row);
  }

  dropFrom(segment: number): void {
    transaction(this.#database, () => {
      this.#database.prepare("DELETE FROM blocks WHERE segment >= ?").run(segment);
      this.#database.prepare("UPDATE index_end SET segment = ?, offset = 0 WHERE segment >= ?").run(segment, segment);
    });
  }

  dropBefore(segment: number): void {
    const oldest = this.#database.prepare("SELECT min(segment) AS segment FROM blocks").get()?.["segment"];
    if (typeof oldest !== "number" || oldest >= segment) return;
    translated(() => this.#database.prepare("DELETE FROM blocks WHERE segment < ?").run(segment));
  }

  close(): void {
    this.#database.close();
  }

  #put(block: IndexedBlock): void {
    const { segment, offset, bytes, lines, firstSeq, fromMs, usualFromMs, toMs, filter } = block;
    this.#insert.run(segment, offset, bytes, lines, firstSeq, fromMs, usualFromMs, toMs, filter);
  }
}

/** Beyond what a number of SQLite holds, every moment is alike. */
function bounded(ms: number): number {
  return Math.min(Math.max(Math.trunc(ms), 0), Number.MAX_SAFE_INTEGER);
}

function blockOf(row: Readonly<Record<string, SQLOutputValue>>): IndexedBlock {
  return {
    segment: Number(row["segment"]),
    offset: Number(row["offset"]),
    bytes: Number(row["bytes"]),
    lines: Number(row["lines"]),
    firstSeq: Number(row["first_seq"]),
    fromMs: Number(row["from_ms"]),
    usualFromMs: Number(row["usual_from_ms"]),
    toMs: Number(row["to_ms"]),
    filter: row["filter"] as Uint8Array,
  };
}
