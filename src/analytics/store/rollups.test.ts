import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { none, other } from "#analytics/dimensions.ts";
import { type Keep, levelMs } from "#analytics/levels.ts";
import { RouteNumbers, UsageCounter } from "#analytics/usage-counter.ts";
import type { Answer, Question } from "#analytics/question.ts";
import type { Exchange } from "#model/exchange.ts";
import { ask } from "./ask.ts";
import { openAnalytics } from "./open.ts";
import { Rollups } from "./rollups.ts";
import { planOf } from "./spans.ts";

const { minute, hour, day } = levelMs;
const keep: Keep = { minute: 2 * day, hour: 35 * day, day: 400 * day };
/** 2026-03-01T00:00:00Z */
const midnight = 1_772_323_200_000;

interface Made {
  readonly api?: string;
  readonly operation?: string;
  readonly subscription?: string;
  readonly reason?: string;
  readonly agent?: string;
  readonly cached?: boolean;
}

function exchangeOf({ api, operation = "list", subscription, reason, agent, cached }: Made): Exchange {
  const principal =
    agent === undefined
      ? { kind: "user", id: "ada" }
      : { kind: "user", id: "ada", actor: { kind: "agent", id: agent } };
  return {
    principal,
    api: api === undefined ? null : { name: api },
    route: api === undefined ? null : { id: api.charCodeAt(0) - 97, operation },
    subscription: subscription === undefined ? null : { id: subscription },
    product: null,
    refusal: reason === undefined ? null : { reason },
    upstream: { name: "orders" },
    answer: cached === true ? { outbound: true } : null,
    bytesIn: 1,
    bytesOut: 10,
    tokens: 2,
  } as unknown as Exchange;
}

class Bench {
  readonly opened = openAnalytics(":memory:");
  readonly rollups = new Rollups(this.opened.database);
  readonly routes = new RouteNumbers(64, "west");

  /** Calls at a time, as one worker tells them. */
  count(at: number, calls: readonly (Made & { readonly status?: number; readonly ms?: number })[]): void {
    const counter = new UsageCounter(at);
    for (const { status = 200, ms = 5, ...made } of calls) {
      counter.note(exchangeOf(made), this.routes, status, made.reason !== undefined, ms);
    }
    for (const told of counter.take(at)) this.rollups.write(told);
  }

  ask(question: Partial<Question> & Pick<Question, "from" | "to">, now: number = question.to): Answer {
    const whole: Question = { step: null, by: [], where: {}, order: "calls", top: 10, ...question };
    const { marks } = this.rollups;
    const plan = planOf(whole, { hour: marks.until("hour"), day: marks.until("day") }, keep, now);
    return ask(this.opened.database, whole, plan);
  }

  rows(level: number): number {
    const found = this.opened.database.prepare("SELECT count(*) AS n FROM rollups WHERE level = ?").get(level);
    return Number(found?.["n"]);
  }
}

describe("roll-ups", () => {
  it("add up over workers, and tell values of every dimension apart", () => {
    const bench = new Bench();
    bench.count(midnight, [{ api: "a" }, { api: "a", ms: 50 }, { api: "b", reason: "rate-limited", status: 429 }]);
    bench.count(midnight + 7000, [
      { api: "a", status: 503 },
      { api: "a", subscription: "ada", agent: "bot", cached: true },
    ]);
    const answer = bench.ask({ from: midnight, to: midnight + hour, by: ["api", "status", "reason"] });
    assert.deepEqual(
      answer.groups.map(({ by, calls, denied, errors }) => [by.api, by.status, by.reason, calls, denied, errors]),
      [
        ["a", "2xx", none, 3, 0, 0],
        ["a", "5xx", none, 1, 0, 1],
        ["b", "4xx", "rate-limited", 1, 1, 0],
      ],
    );
    const { total } = answer;
    assert.deepEqual([total.calls, total.bytesIn, total.bytesOut, total.tokens, total.cacheHits], [5, 5, 50, 10, 1]);
    assert.equal(total.latency?.max, 50);
    assert.ok(Math.abs((total.latency?.p50 ?? 0) - 5) <= 0.05);
    const [agents] = bench.ask({
      from: midnight,
      to: midnight + hour,
      by: ["agent", "region"],
      where: { agent: ["bot"] },
    }).groups;
    assert.deepEqual([agents?.by, agents?.calls], [{ agent: "bot", region: "west" }, 1]);
  });

  it("become hours and days, and answer the same at each level and in between", () => {
    const bench = new Bench();
    const calls = (at: number): { api: string; ms: number }[] => [
      { api: "a", ms: 1 + ((at / minute) % 300) },
      { api: "b", ms: 2 },
    ];
    const now = midnight + day + 3 * hour + 30 * minute;
    for (let at = midnight; at < now; at += 10 * minute) bench.count(at, calls(at));
    const before = bench.ask({ from: midnight, to: now, by: ["api"], step: hour }, now);
    assert.equal(before.groups[0]?.points?.length, 28);
    bench.rollups.roll(now);
    assert.deepEqual([bench.rows(hour), bench.rows(day)], [27 * 2, 2]);
    const after = bench.ask({ from: midnight, to: now, by: ["api"], step: hour }, now);
    assert.deepEqual(after, before);
    const days = bench.ask({ from: midnight, to: midnight + 20 * day, by: ["api"], step: day }, now);
    assert.equal(days.resolution, "day");
    assert.deepEqual(days.total, before.total);
    bench.rollups.roll(now);
    bench.rollups.prune(now, { minute: hour, hour: 4 * hour, day: 400 * day });
    assert.equal(
      bench.ask({ from: midnight, to: midnight + 20 * day, step: day }, now).total.calls,
      before.total.calls,
    );
    assert.ok(bench.rows(minute) < 40 && bench.rows(hour) <= 10, `${bench.rows(minute)} ${bench.rows(hour)}`);
  });

  it("count what comes late in what is not merged yet, once", () => {
    const bench = new Bench();
    bench.count(midnight, [{ api: "a" }]);
    bench.rollups.roll(midnight + 2 * hour);
    bench.count(midnight + 30 * minute, [{ api: "a" }]);
    bench.rollups.roll(midnight + 4 * hour);
    assert.equal(bench.ask({ from: midnight, to: midnight + day }).total.calls, 2);
  });

  it("are bounded, whatever clients bring: the rest is `other`, and counted as such", () => {
    const bench = new Bench();
    const many = Array.from({ length: 9000 }, (_, at) => ({ api: "a", subscription: `s${at}`, agent: `g${at % 700}` }));
    for (let at = 0; at < 5; at += 1)
      bench.count(
        midnight + at,
        many.map((one) => ({ ...one, subscription: `${at}${one.subscription}` })),
      );
    assert.ok(bench.rows(minute) <= 4100, String(bench.rows(minute)));
    assert.ok(bench.rollups.takeBeyond() > 0);
    const answer = bench.ask({ from: midnight, to: midnight + hour, by: ["subscription"] });
    assert.equal(answer.groups[0]?.by.subscription, other);
    assert.equal(answer.total.calls, 45_000);
    assert.ok(answer.omitted > 0);
    const counter = new UsageCounter(0);
    for (const one of many) counter.note(exchangeOf(one), bench.routes, 200, false, 1);
    const beyond = [...counter.take(1)].flatMap((told) => told.beyond);
    assert.ok(
      beyond.some(([name, calls]) => name === "subscription" && calls > 7000),
      JSON.stringify(beyond),
    );
  });

  it("put a file aside that they cannot read, and begin anew", () => {
    const folder = mkdtempSync(join(tmpdir(), "sallyport-analytics-"));
    try {
      const path = join(folder, "analytics.db");
      writeFileSync(path, "no database at all, but long enough to look like one".repeat(100));
      const { database, setAside } = openAnalytics(path);
      database.close();
      assert.equal(setAside, `${path}.damaged`);
      assert.ok(readdirSync(folder).includes("analytics.db.damaged"));
      assert.equal(openAnalytics(path).setAside, null);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
