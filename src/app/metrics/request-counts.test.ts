import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Exchange } from "#model/exchange.ts";
import type { ApiFacts } from "#model/snapshot.ts";
import { RequestCounts } from "./request-counts.ts";

let now = 0;
const clock = { now: () => now, mono: () => now };
const api = (name: string): ApiFacts => ({ name }) as ApiFacts;
const over = (facts: ApiFacts | null, status: number, aborted = false, trace: object | null = null): Exchange =>
  ({
    api: facts,
    response: { status },
    refusal: null,
    aborted,
    facts: { startedMono: now },
    trace,
  }) as unknown as Exchange;

describe("what a worker counts", () => {
  it("is by API and class, told once, and goes on under another snapshot's facts of the same API", () => {
    const counts = new RequestCounts(clock);
    const exchange = over(api("orders"), 200);
    now += 7;
    counts.note(exchange, new Map());
    counts.note(over(api("orders"), 503), new Map());
    counts.note(over(null, 404), new Map());
    counts.note(over(null, 200, true), new Map());
    const news = counts.take();
    assert.deepEqual(
      news.map(({ api: name, classes }) => [name, classes]),
      [
        ["none", [0, 0, 0, 0, 2, 0]],
        ["orders", [0, 0, 1, 0, 0, 1]],
      ],
    );
    assert.deepEqual(news[1]?.durations.slice(0, 4), [1, 0, 1, 0]);
    assert.ok(Math.abs((news[1]?.sum ?? 0) - 0.007) < 1e-9);
    assert.deepEqual(counts.take(), []);
  });

  it("names a trace that is exported, as an example of its bucket, once", () => {
    const counts = new RequestCounts(clock);
    for (const [traceId, sampled] of [
      ["t1", true],
      ["t2", true],
      ["t3", false],
    ] as const) {
      counts.note(over(api("orders"), 200, false, { traceId, sampled }), new Map());
    }
    assert.deepEqual(counts.take()[0]?.exemplars, [{ bucket: 0, traceId: "t2", seconds: 0, at: now }]);
    counts.note(over(api("orders"), 200), new Map());
    assert.deepEqual(counts.take()[0]?.exemplars, []);
  });

  it("leaves the time of switched connections out: it is theirs, not ours", () => {
    const counts = new RequestCounts(clock);
    counts.note(over(api("chat"), 101), new Map());
    const [news] = counts.take();
    assert.deepEqual([news?.classes, news?.sum], [[0, 1, 0, 0, 0, 0], 0]);
    assert.ok(news?.durations.every((count) => count === 0));
  });
});
