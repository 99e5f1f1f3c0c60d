import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Exchange } from "#model/exchange.ts";
import type { Log } from "#model/ports.ts";
import { Analytics } from "./client.ts";
import { levelMs } from "./levels.ts";
import type { Question } from "./question.ts";
import { UsageTeller } from "./teller.ts";
import { RouteNumbers, UsageCounter } from "./usage-counter.ts";

const keep = { minute: 2 * levelMs.day, hour: 35 * levelMs.day, day: 400 * levelMs.day };
const now = Date.now();
const clock = { now: () => now, mono: () => performance.now() };
const question: Question = {
  from: now - levelMs.hour,
  to: now + levelMs.minute,
  step: null,
  by: [],
  where: {},
  order: "calls",
  top: 10,
};
const exchange = {
  principal: { kind: "anonymous", id: "anonymous" },
  api: null,
  route: null,
  subscription: null,
  product: null,
  refusal: null,
  upstream: null,
  answer: null,
  bytesIn: 0,
  bytesOut: 0,
  tokens: 0,
  trail: [],
} as unknown as Exchange;

describe("the thread of the roll-ups", () => {
  let folder = "";
  const said: string[] = [];
  const log: Log = { info: () => {}, warn: () => {}, error: (message) => void said.push(message) };
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "sallyport-analytics-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  const open = (path: string): Analytics =>
    new Analytics({ path, keep, clock, log, onBeyond: () => {}, onLost: () => {} });

  /** As a worker that has counted some calls and ends. */
  async function countAndEnd(analytics: Analytics, calls: number): Promise<void> {
    const counter = new UsageCounter(now);
    const teller = new UsageTeller(counter, analytics.portFor(), clock.now);
    for (let left = calls; left > 0; left -= 1) counter.note(exchange, new RouteNumbers(0, ""), 404, true, 1);
    await teller.close();
  }

  it("tells the gateway's own pages from what belongs to no API", async () => {
    const path = join(folder, "pages.db");
    const first = open(path);
    const counter = new UsageCounter(now);
    const teller = new UsageTeller(counter, first.portFor(), clock.now);
    const numbers = new RouteNumbers(0, "");
    const site = [{ door: "edge", step: "site", outcome: "passed", micros: 1 }];
    counter.note(exchange, numbers, 404, true, 1);
    for (let left = 2; left > 0; left -= 1) {
      counter.note({ ...exchange, trail: site } as unknown as Exchange, numbers, 200, false, 1);
    }
    await teller.close();
    await first.close();
    const analytics = open(path);
    const { groups } = await analytics.ask({ ...question, by: ["api"] });
    assert.deepEqual(
      groups.map(({ by, calls }) => [by.api, calls]),
      [
        ["_pages", 2],
        ["none", 1],
      ],
    );
    await analytics.close();
  });

  it("has all that workers told, also those who ended just before it", async () => {
    const path = join(folder, "analytics.db");
    const first = open(path);
    await Promise.all([countAndEnd(first, 3), countAndEnd(first, 4)]);
    await first.close();
    const second = open(path);
    assert.equal((await second.ask(question)).total.calls, 7);
    await second.close();
    await assert.rejects(second.ask(question), { code: "store-unavailable" });
    assert.deepEqual(said, []);
  });

  it("refuses questions when there is no place to count, says so, and harms nobody who counts", async () => {
    const analytics = open(join(folder, "missing", "analytics.db"));
    await countAndEnd(analytics, 5);
    await assert.rejects(analytics.ask(question), { code: "store-unavailable" });
    assert.match(said[0] ?? "", /cannot be kept: nothing is counted/);
    await analytics.close();
  });
});
