import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";
import { GatewayError } from "#model/errors.ts";
import type { Revocation, RevocationKind, RevokedId } from "#model/identity-revocation.ts";
import type { RevocationStore } from "#storage/interfaces.ts";
import { translated } from "./sqlite-errors.ts";
import { transaction } from "./transaction.ts";

export class SqliteRevocationStore implements RevocationStore {
  readonly #database: DatabaseSync;
  readonly #put: StatementSync;
  readonly #has: StatementSync;
  readonly #count: StatementSync;
  readonly #remove: StatementSync;
  readonly #all: StatementSync;
  readonly #prune: StatementSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#put = database.prepare(
      `INSERT INTO revocations (kind, id, until, reason, revoked_at) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (kind, id) DO UPDATE SET
         until = excluded.until, reason = excluded.reason, revoked_at = excluded.revoked_at`,
    );
    this.#has = database.prepare("SELECT 1 FROM revocations WHERE kind = ? AND id = ?");
    this.#count = database.prepare("SELECT count(*) AS count FROM revocations");
    this.#remove = database.prepare("DELETE FROM revocations WHERE kind = ? AND id = ?");
    this.#all = database.prepare("SELECT * FROM revocations ORDER BY revoked_at, kind, id");
    this.#prune = database.prepare("DELETE FROM revocations WHERE until <= ?");
  }

  put({ kind, id, until, reason, revokedAt }: Revocation, most: number): void {
    transaction(this.#database, () => {
      const isNew = this.#has.get(kind, id) === undefined;
      if (isNew && Number(this.#count.get()?.["count"]) >= most) throw tooMany(most);
      this.#put.run(kind, id, until === null ? null : Math.floor(until), reason, Math.floor(revokedAt));
    });
  }

  remove({ kind, id }: RevokedId): boolean {
    return translated(() => Number(this.#remove.run(kind, id).changes) > 0);
  }

  all(): readonly Revocation[] {
    return translated(() => this.#all.all().map(toRevocation));
  }

  prune(now: number): void {
    translated(() => this.#prune.run(Math.floor(now)));
  }
}

function toRevocation(row: Record<string, SQLOutputValue>): Revocation {
  const until = row["until"];
  return {
    kind: row["kind"] as RevocationKind,
    id: row["id"] as string,
    until: until === null || until === undefined ? null : Number(until),
    reason: row["reason"] as string,
    revokedAt: Number(row["revoked_at"]),
  };
}

function tooMany(most: number): GatewayError {
  return new GatewayError("store-conflict", 409, `there are ${most} revocations already`, { source: "client" });
}
