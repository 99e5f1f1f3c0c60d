import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";
import { GatewayError } from "#model/errors.ts";
import type { ListedSession } from "#model/session.ts";
import { assertDigest, assertPage } from "#storage/checks.ts";
import type { SessionMatch, SessionPage, SessionRecord, SessionStore, SessionTouch } from "#storage/sessions.ts";
import { transaction } from "./transaction.ts";
import { translated } from "./sqlite-errors.ts";

export class SqliteSessionStore implements SessionStore {
  readonly #database: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #find: StatementSync;
  readonly #touch: StatementSync;
  readonly #renew: StatementSync;
  readonly #remove: StatementSync;
  readonly #bySession: StatementSync;
  readonly #bySubject: StatementSync;
  readonly #prune: StatementSync;
  readonly #list: StatementSync;
  readonly #byHandle: StatementSync;

  constructor(database: DatabaseSync) {
    const prepare = (sql: string): StatementSync => database.prepare(sql);
    const matching = (where: string): StatementSync =>
      prepare(
        `DELETE FROM sessions WHERE digest IN (SELECT digest FROM sessions WHERE ${where} LIMIT ?) RETURNING handle`,
      );
    this.#database = database;
    this.#insert = prepare(
      `INSERT INTO sessions (digest, handle, provider, host, subject, provider_session, created_at, seen_at, ends_at, sealed)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#find = prepare("SELECT * FROM sessions WHERE digest = ?");
    this.#touch = prepare("UPDATE sessions SET seen_at = ?1 WHERE digest = ?2 AND seen_at < ?1");
    this.#renew = prepare("UPDATE sessions SET sealed = ?, ends_at = ? WHERE digest = ?");
    this.#remove = prepare("DELETE FROM sessions WHERE digest = ? RETURNING handle");
    this.#bySession = matching("provider = ? AND provider_session = ? AND subject = coalesce(?, subject)");
    this.#bySubject = matching("provider = ? AND subject = ?");
    this.#list = prepare("SELECT * FROM sessions WHERE handle > ? ORDER BY handle LIMIT ?");
    this.#byHandle = prepare("DELETE FROM sessions WHERE handle = ?");
    this.#prune = prepare(
      `DELETE FROM sessions WHERE digest IN (
         SELECT digest FROM (
           SELECT digest FROM sessions WHERE ends_at <= ?1 UNION SELECT digest FROM sessions WHERE seen_at < ?2)
         LIMIT ?3)`,
    );
  }

  put(sessions: readonly SessionRecord[]): void {
    transaction(this.#database, () => {
      for (const session of sessions) this.#put(session);
    });
  }

  #put(session: SessionRecord): void {
    assertDigest(session.digest);
    const { digest, handle, provider, host, subject, providerSession, createdAt, seenAt, endsAt, sealed } = session;
    const times = [createdAt, seenAt, endsAt].map(Math.floor);
    this.#insert.run(digest, handle, provider, host, subject, providerSession, ...times, sealed);
  }

  find(digest: Uint8Array): SessionRecord | null {
    return translated(() => {
      const row = this.#find.get(digest);
      return row === undefined ? null : toSession(row);
    });
  }

  touch(touches: readonly SessionTouch[]): void {
    transaction(this.#database, () => {
      for (const { digest, seenAt } of touches) this.#touch.run(Math.floor(seenAt), digest);
    });
  }

  renew(digest: Uint8Array, sealed: Uint8Array, endsAt: number): boolean {
    return transaction(this.#database, () => Number(this.#renew.run(sealed, Math.floor(endsAt), digest).changes) > 0);
  }

  remove(digest: Uint8Array): string | null {
    return transaction(this.#database, () => {
      const row = this.#remove.get(digest);
      return row === undefined ? null : String(row["handle"]);
    });
  }

  removeMatching({ provider, subject, providerSession }: SessionMatch, most: number): readonly string[] {
    if (subject === null && providerSession === null) {
      throw new GatewayError("internal", 500, "sessions are removed by subject or by the provider's session");
    }
    return transaction(this.#database, () => {
      const rows =
        providerSession === null
          ? this.#bySubject.all(provider, subject, most)
          : this.#bySession.all(provider, providerSession, subject, most);
      return rows.map((row) => String(row["handle"]));
    });
  }

  list({ after, limit }: SessionPage): readonly ListedSession[] {
    assertPage(limit);
    return translated(() => this.#list.all(after ?? "", limit).map(toListed));
  }

  removeByHandle(handle: string): boolean {
    return transaction(this.#database, () => Number(this.#byHandle.run(handle).changes) > 0);
  }

  prune(now: number, seenBefore: number, most: number): number {
    return transaction(this.#database, () =>
      Number(this.#prune.run(Math.floor(now), Math.floor(seenBefore), most).changes),
    );
  }
}

function toSession(row: Record<string, SQLOutputValue>): SessionRecord {
  const { provider_session: session, sealed } = row;
  return {
    digest: row["digest"] as Uint8Array,
    handle: String(row["handle"]),
    provider: String(row["provider"]),
    host: String(row["host"]),
    subject: String(row["subject"]),
    providerSession: session === null ? null : String(session),
    createdAt: Number(row["created_at"]),
    seenAt: Number(row["seen_at"]),
    endsAt: Number(row["ends_at"]),
    sealed: sealed as Uint8Array,
  };
}

function toListed(row: Record<string, SQLOutputValue>): ListedSession {
  const { digest: _digest, sealed: _sealed, providerSession: _sid, ...listed } = toSession(row);
  return listed;
}
