import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";
import type { AccessRequest, AccessState, AccessStep, Delegation, Party } from "#model/access-requests.ts";
import { GatewayError } from "#model/errors.ts";
import type { OutboxMessage } from "#model/outbox.ts";
import type { Principal } from "#model/principal.ts";
import type { AccessBounds, AccessChange, AccessFilter, AccessStore } from "#storage/access-store.ts";
import { assertPage } from "#storage/checks.ts";
import type { PageRequest } from "#storage/interfaces.ts";
import { outboxWriter } from "./outbox-store.ts";
import { translated } from "./sqlite-errors.ts";
import { transaction } from "./transaction.ts";

type Row = Record<string, SQLOutputValue>;

const columns = `id, approval, grantee, requester, reason, duration, state, break_glass, created_at, answer_by,
  starts_at, ends_at`;
const open = "state IN ('pending', 'active')";

export class SqliteAccessStore implements AccessStore {
  readonly #database: DatabaseSync;
  readonly #statements: ReturnType<typeof statementsOf>;
  readonly #putMessages: (messages: readonly OutboxMessage[]) => void;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#statements = statementsOf(database);
    this.#putMessages = outboxWriter(database);
  }

  create(request: AccessRequest, bounds: AccessBounds, messages: readonly OutboxMessage[] = []): void {
    this.#transaction(() => {
      this.#checkBounds(request, bounds);
      this.#statements.insert.run({
        id: request.id,
        approval: request.approval,
        grantee: request.grantee,
        requester: JSON.stringify(request.requester),
        reason: request.reason,
        duration: request.durationMs,
        state: request.state,
        breakGlass: request.isBreakGlass ? 1 : 0,
        createdAt: Math.floor(request.createdAt),
        answerBy: Math.floor(request.answerBy),
        startsAt: floorOf(request.startsAt),
        endsAt: floorOf(request.endsAt),
      });
      for (const [number, step] of request.steps.entries()) this.#insertStep(request.id, number, step);
      this.#putMessages(messages);
    });
  }

  get(id: string): AccessRequest | null {
    return translated(() => this.#read(id));
  }

  list({ state, grantee }: AccessFilter, page: PageRequest<string>): readonly AccessRequest[] {
    assertPage(page.limit);
    return translated(() =>
      this.#statements.page
        .all({ state, grantee, after: page.after, limit: page.limit })
        .map((row) => this.#requestOf(row)),
    );
  }

  change(id: string, steps: number, { state, step, startsAt, endsAt, messages }: AccessChange): AccessRequest | null {
    return this.#transaction(() => {
      const before = this.#read(id);
      if (before === null) return null;
      if (before.steps.length !== steps) throw conflict(`the request ${id} has changed meanwhile`);
      this.#insertStep(id, steps, step);
      const [starts, ends] = [startsAt ?? before.startsAt, endsAt ?? before.endsAt].map(floorOf);
      this.#statements.update.run({ id, state, startsAt: starts ?? null, endsAt: ends ?? null });
      this.#putMessages(messages ?? []);
      return this.#read(id);
    });
  }

  counts(): ReturnType<AccessStore["counts"]> {
    return translated(() =>
      this.#statements.counts.all().map((row) => ({
        approval: row["approval"] as string,
        state: row["state"] as AccessState,
        count: row["count"] as number,
      })),
    );
  }

  due(now: number, most: number): readonly AccessRequest[] {
    return translated(() => this.#statements.due.all({ now, most }).map((row) => this.#requestOf(row)));
  }

  nextDue(): number | null {
    const found = translated(() => this.#statements.nextDue.get()?.["due"]);
    return typeof found === "number" ? found : null;
  }

  delegate({ id, from, fromUser, to, approval, startsAt, endsAt, createdAt }: Delegation, most: number): void {
    this.#transaction(() => {
      const live = Number(this.#statements.countDelegations.get({ now: createdAt })?.["count"]);
      if (live >= most) throw conflict(`there are ${most} delegations already`);
      this.#statements.insertDelegation.run({
        id,
        from: JSON.stringify({ ...from, user: fromUser }),
        to,
        approval,
        startsAt: Math.floor(startsAt),
        endsAt: Math.floor(endsAt),
        createdAt: Math.floor(createdAt),
      });
    });
  }

  delegations(now: number): readonly Delegation[] {
    return translated(() => this.#statements.delegations.all({ now }).map(delegationOf));
  }

  endDelegation(id: string, now: number): boolean {
    return translated(() => this.#statements.endDelegation.run({ id, now: Math.floor(now) }).changes === 1);
  }

  useOnce(name: string, until: number, now: number): boolean {
    return this.#transaction(() => {
      this.#statements.forgetUsed.run({ now });
      return this.#statements.use.run({ name, until: Math.floor(until) }).changes === 1;
    });
  }

  isUsed(name: string, now: number): boolean {
    return translated(() => this.#statements.isUsed.get({ name, now }) !== undefined);
  }

  prune(before: number, most: number): number {
    return this.#transaction(() => {
      this.#statements.pruneDelegations.run({ before });
      return Number(this.#statements.prune.run({ before, most }).changes);
    });
  }

  #checkBounds({ grantee, approval }: AccessRequest, { openOfGrantee, open: all }: AccessBounds): void {
    const row = this.#statements.open.get({ grantee, approval });
    const count = (column: string): number => Number(row?.[column]);
    if (count("same") > 0) throw conflict(`a request for ${approval} waits already, or the approval is in force`);
    if (count("own") >= openOfGrantee) throw conflict(`at most ${openOfGrantee} requests at a time`);
    if (count("everybody") >= all) throw conflict("too many requests wait or are in force");
  }

  #insertStep(request: string, number: number, { step, by, behalfOf, comment, rules, at }: AccessStep): void {
    this.#statements.insertStep.run({
      request,
      number,
      step,
      actor: by === null ? null : JSON.stringify(by),
      behalfOf: behalfOf === null ? null : JSON.stringify(behalfOf),
      comment,
      rules: JSON.stringify(rules),
      at: Math.floor(at),
    });
  }

  #read(id: string): AccessRequest | null {
    const row = this.#statements.get.get({ id });
    return row === undefined ? null : this.#requestOf(row);
  }

  #requestOf(row: Row): AccessRequest {
    const id = row["id"] as string;
    return {
      id,
      approval: row["approval"] as string,
      grantee: row["grantee"] as string,
      requester: JSON.parse(row["requester"] as string) as Party,
      reason: row["reason"] as string,
      durationMs: row["duration"] as number,
      state: row["state"] as AccessState,
      isBreakGlass: row["break_glass"] === 1,
      createdAt: row["created_at"] as number,
      answerBy: row["answer_by"] as number,
      startsAt: row["starts_at"] as number | null,
      endsAt: row["ends_at"] as number | null,
      steps: this.#statements.steps.all({ id }).map(stepOf),
    };
  }

  #transaction<T>(work: () => T): T {
    return translated(() => transaction(this.#database, work));
  }
}

function statementsOf(database: DatabaseSync) {
  const prepare = (sql: string): StatementSync => database.prepare(sql);
  return {
    insert: prepare(
      `INSERT INTO access_requests (${columns}) VALUES ($id, $approval, $grantee, $requester, $reason, $duration, $state,
         $breakGlass, $createdAt, $answerBy, $startsAt, $endsAt)`,
    ),
    insertStep: prepare(
      `INSERT INTO access_steps (request, number, step, actor, behalf_of, comment, rules, at)
       VALUES ($request, $number, $step, $actor, $behalfOf, $comment, $rules, $at)`,
    ),
    get: prepare(`SELECT ${columns} FROM access_requests WHERE id = $id`),
    steps: prepare(
      "SELECT step, actor, behalf_of, comment, rules, at FROM access_steps WHERE request = $id ORDER BY number",
    ),
    page: prepare(
      `SELECT ${columns} FROM access_requests WHERE ($state IS NULL OR state = $state)
         AND ($grantee IS NULL OR grantee = $grantee) AND ($after IS NULL OR id < $after) ORDER BY id DESC LIMIT $limit`,
    ),
    update: prepare(
      "UPDATE access_requests SET state = $state, starts_at = $startsAt, ends_at = $endsAt WHERE id = $id",
    ),
    open: prepare(
      `SELECT count(*) AS everybody, coalesce(sum(grantee = $grantee), 0) AS own,
         coalesce(sum(grantee = $grantee AND approval = $approval), 0) AS same FROM access_requests WHERE ${open}`,
    ),
    counts: prepare(
      `SELECT approval, state, count(*) AS count FROM access_requests WHERE ${open} GROUP BY approval, state`,
    ),
    due: prepare(
      `SELECT ${columns} FROM access_requests WHERE (state = 'pending' AND answer_by <= $now)
         OR (state = 'active' AND ends_at <= $now) LIMIT $most`,
    ),
    nextDue: prepare(
      `SELECT min(CASE state WHEN 'pending' THEN answer_by ELSE ends_at END) AS due FROM access_requests WHERE ${open}`,
    ),
    countDelegations: prepare("SELECT count(*) AS count FROM access_delegations WHERE ends_at > $now"),
    insertDelegation: prepare(
      `INSERT INTO access_delegations (id, delegator, delegate, approval, starts_at, ends_at, created_at)
       VALUES ($id, $from, $to, $approval, $startsAt, $endsAt, $createdAt)`,
    ),
    delegations: prepare(
      `SELECT id, delegator, delegate, approval, starts_at, ends_at, created_at FROM access_delegations
       WHERE ends_at > $now ORDER BY id`,
    ),
    endDelegation: prepare("UPDATE access_delegations SET ends_at = $now WHERE id = $id AND ends_at > $now"),
    forgetUsed: prepare("DELETE FROM access_used WHERE until <= $now"),
    use: prepare("INSERT OR IGNORE INTO access_used (name, until) VALUES ($name, $until)"),
    isUsed: prepare("SELECT 1 FROM access_used WHERE name = $name AND until > $now"),
    prune: prepare(
      `DELETE FROM access_requests WHERE id IN (
         SELECT id FROM access_requests WHERE NOT ${open} AND coalesce(ends_at, answer_by) < $before LIMIT $most)`,
    ),
    pruneDelegations: prepare("DELETE FROM access_delegations WHERE ends_at < $before"),
  };
}

function stepOf(row: Row): AccessStep {
  const party = (column: string): Party | null => {
    const text = row[column];
    return typeof text === "string" ? (JSON.parse(text) as Party) : null;
  };
  return {
    step: row["step"] as AccessStep["step"],
    by: party("actor"),
    behalfOf: party("behalf_of"),
    comment: row["comment"] as string,
    rules: JSON.parse(row["rules"] as string) as readonly string[],
    at: row["at"] as number,
  };
}

function delegationOf(row: Row): Delegation {
  const { user = null, ...from } = JSON.parse(row["delegator"] as string) as Principal & { user?: string | null };
  return {
    id: row["id"] as string,
    from,
    fromUser: user,
    to: row["delegate"] as string,
    approval: row["approval"] as string | null,
    startsAt: row["starts_at"] as number,
    endsAt: row["ends_at"] as number,
    createdAt: row["created_at"] as number,
  };
}

function floorOf(time: number | null): number | null {
  return time === null ? null : Math.floor(time);
}

function conflict(message: string): GatewayError {
  return new GatewayError("store-conflict", 409, message, { source: "store", expose: true });
}
