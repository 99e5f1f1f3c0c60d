import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";
import type { Channel, OutboxClaim, OutboxEntry, OutboxMessage, OutboxState, OutboxSubject } from "#model/outbox.ts";
import { assertPage } from "#storage/checks.ts";
import type { PageRequest } from "#storage/interfaces.ts";
import type { OutboxStore } from "#storage/outbox-store.ts";
import { translated } from "./sqlite-errors.ts";
import { transaction } from "./transaction.ts";

type Row = Record<string, SQLOutputValue>;

const idle = "state = 'waiting' AND receiver NOT IN (SELECT value FROM json_each($busy))";

/** Puts messages in; within a transaction of whoever calls. */
export function outboxWriter(database: DatabaseSync): (messages: readonly OutboxMessage[]) => void {
  const insert = database.prepare(
    `INSERT INTO outbox (id, channel, receiver, subject, body, created_at, state, tries, due_at, why)
     VALUES ($id, $channel, $receiver, $subject, $body, $createdAt, 'waiting', 0, $createdAt, '')`,
  );
  return (messages) => {
    for (const message of messages) insert.run({ ...message, createdAt: Math.floor(message.createdAt) });
  };
}

export class SqliteOutboxStore implements OutboxStore {
  readonly #database: DatabaseSync;
  readonly #statements: ReturnType<typeof statementsOf>;
  readonly #put: (messages: readonly OutboxMessage[]) => void;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#put = outboxWriter(database);
    this.#statements = statementsOf(database);
  }

  put(messages: readonly OutboxMessage[]): void {
    transaction(this.#database, () => this.#put(messages));
  }

  claim(now: number, until: number, busy: readonly string[]): OutboxClaim | null {
    return transaction(this.#database, () => {
      const row = this.#statements.due.get({ now: Math.floor(now), busy: JSON.stringify(busy) });
      if (row === undefined) return null;
      const { state: _, dueAt: __, why: ___, ...claimed } = entryOf(row);
      this.#statements.postpone.run({ id: claimed.id, until: Math.floor(until) });
      return { ...claimed, body: row["body"] as string };
    });
  }

  nextDue(busy: readonly string[]): number | null {
    const due = translated(() => this.#statements.nextDue.get({ busy: JSON.stringify(busy) })?.["due"]);
    return typeof due === "number" ? due : null;
  }

  sent(id: string): void {
    translated(() => this.#statements.remove.run({ id }));
  }

  failed(id: string, dueAt: number | null, why: string): void {
    translated(() => this.#statements.fail.run({ id, dueAt: dueAt === null ? null : Math.floor(dueAt), why }));
  }

  revive(id: string, now: number): OutboxEntry | null {
    return transaction(this.#database, () => {
      if (this.#statements.revive.run({ id, now: Math.floor(now) }).changes !== 1) return null;
      const row = this.#statements.get.get({ id });
      return row === undefined ? null : entryOf(row);
    });
  }

  list(state: OutboxState | null, { after, limit }: PageRequest<string>): readonly OutboxEntry[] {
    assertPage(limit);
    return translated(() => this.#statements.page.all({ state, after, limit }).map(entryOf));
  }

  counts(): ReturnType<OutboxStore["counts"]> {
    return translated(() =>
      this.#statements.counts.all().map((row) => ({
        channel: row["channel"] as Channel,
        state: row["state"] as OutboxState,
        count: row["count"] as number,
      })),
    );
  }

  prune(before: number, most: number): void {
    translated(() => this.#statements.prune.run({ before: Math.floor(before), most }));
  }
}

function statementsOf(database: DatabaseSync) {
  const prepare = (sql: string): StatementSync => database.prepare(sql);
  return {
    due: prepare(`SELECT * FROM outbox WHERE ${idle} AND due_at <= $now ORDER BY due_at, id LIMIT 1`),
    postpone: prepare("UPDATE outbox SET due_at = $until WHERE id = $id"),
    nextDue: prepare(`SELECT min(due_at) AS due FROM outbox WHERE ${idle}`),
    remove: prepare("DELETE FROM outbox WHERE id = $id"),
    fail: prepare(
      `UPDATE outbox SET tries = tries + 1, why = $why, due_at = coalesce($dueAt, due_at),
         state = iif($dueAt IS NULL, 'dead', state) WHERE id = $id`,
    ),
    revive: prepare(
      "UPDATE outbox SET state = 'waiting', tries = 0, why = '', due_at = $now WHERE id = $id AND state = 'dead'",
    ),
    get: prepare("SELECT * FROM outbox WHERE id = $id"),
    page: prepare(
      `SELECT * FROM outbox WHERE ($state IS NULL OR state = $state) AND ($after IS NULL OR id > $after)
         ORDER BY id LIMIT $limit`,
    ),
    counts: prepare("SELECT channel, state, count(*) AS count FROM outbox GROUP BY channel, state"),
    prune: prepare(
      `DELETE FROM outbox WHERE state = 'dead' AND (created_at < $before OR id IN (
         SELECT id FROM outbox WHERE state = 'dead' ORDER BY id DESC LIMIT -1 OFFSET $most))`,
    ),
  };
}

function entryOf(row: Row): OutboxEntry {
  return {
    id: row["id"] as string,
    channel: row["channel"] as Channel,
    receiver: row["receiver"] as string,
    subject: row["subject"] as OutboxSubject,
    createdAt: row["created_at"] as number,
    state: row["state"] as OutboxState,
    tries: row["tries"] as number,
    dueAt: row["due_at"] as number,
    why: row["why"] as string,
  };
}
