import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";
import { assertPage } from "#storage/checks.ts";
import type { ScimKind, ScimPage, ScimRecord, ScimStore } from "#storage/scim-interfaces.ts";
import { translated } from "./sqlite-errors.ts";
import { transaction } from "./transaction.ts";

export class SqliteScimStore implements ScimStore {
  readonly #database: DatabaseSync;
  readonly #put: StatementSync;
  readonly #get: StatementSync;
  readonly #byName: StatementSync;
  readonly #byExternalId: StatementSync;
  readonly #list: StatementSync;
  readonly #count: StatementSync;
  readonly #remove: StatementSync;

  constructor(database: DatabaseSync) {
    const prepare = (sql: string): StatementSync => database.prepare(sql);
    const select = (where: string): StatementSync =>
      prepare(`SELECT * FROM scim_records WHERE provider = ? AND kind = ? AND ${where}`);
    this.#database = database;
    this.#put = prepare(
      `INSERT INTO scim_records VALUES ($provider, $kind, $id, $external, $name, $created, $modified)
       ON CONFLICT (provider, kind, id) DO UPDATE
         SET external_id = excluded.external_id, name = excluded.name, modified_at = excluded.modified_at`,
    );
    this.#get = select("id = ?");
    this.#byName = select("name = ?");
    this.#byExternalId = select("external_id = ? LIMIT 1");
    this.#list = select("true ORDER BY id LIMIT ? OFFSET ?");
    this.#count = prepare("SELECT count(*) AS many FROM scim_records WHERE provider = ? AND kind = ?");
    this.#remove = prepare("DELETE FROM scim_records WHERE provider = ? AND kind = ? AND id = ?");
  }

  put({ provider, kind, id, externalId, name, createdAt, modifiedAt }: ScimRecord): void {
    transaction(this.#database, () =>
      this.#put.run({
        $provider: provider,
        $kind: kind,
        $id: id,
        $external: externalId,
        $name: name,
        $created: Math.floor(createdAt),
        $modified: Math.floor(modifiedAt),
      }),
    );
  }

  get(provider: string, kind: ScimKind, id: string): ScimRecord | null {
    return one(this.#get, provider, kind, id);
  }

  byName(provider: string, kind: ScimKind, name: string): ScimRecord | null {
    return one(this.#byName, provider, kind, name);
  }

  byExternalId(provider: string, kind: ScimKind, externalId: string): ScimRecord | null {
    return one(this.#byExternalId, provider, kind, externalId);
  }

  list(provider: string, kind: ScimKind, { offset, limit }: ScimPage): readonly ScimRecord[] {
    assertPage(limit);
    return translated(() => this.#list.all(provider, kind, limit, offset).map(toRecord));
  }

  count(provider: string, kind: ScimKind): number {
    return translated(() => Number(this.#count.get(provider, kind)?.["many"]));
  }

  remove(provider: string, kind: ScimKind, id: string): boolean {
    return transaction(this.#database, () => Number(this.#remove.run(provider, kind, id).changes) > 0);
  }
}

function one(statement: StatementSync, provider: string, kind: ScimKind, value: string): ScimRecord | null {
  return translated(() => {
    const row = statement.get(provider, kind, value);
    return row === undefined ? null : toRecord(row);
  });
}

function toRecord(row: Record<string, SQLOutputValue>): ScimRecord {
  return {
    provider: row["provider"] as string,
    kind: row["kind"] as ScimKind,
    id: row["id"] as string,
    externalId: row["external_id"] as string | null,
    name: row["name"] as string,
    createdAt: row["created_at"] as number,
    modifiedAt: row["modified_at"] as number,
  };
}
