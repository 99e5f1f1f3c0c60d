import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Clock } from "#model/ports.ts";
import type { Retries } from "#model/retries.ts";
import { exchange } from "#upstream/forwarding.test-helper.ts";
import { KeptBody } from "./kept-body.ts";
import { RetryBudget } from "./retry-budget.ts";
import { RetryRules } from "./retry-rules.ts";

let now = 0;
const clock: Clock = { now: () => now, mono: () => now };
const setting: Retries = {
  count: 3,
  methods: ["GET"],
  on: { reset: true, timeout: false, statuses: [{ from: 502, to: 504 }] },
  perTryTimeoutMs: 0,
  backOff: { firstMs: 100, longestMs: 300 },
  bodyBytes: 10,
  budget: { percent: 100, minPerSecond: 1000, windowMs: 1000 },
};

describe("the retry budget", () => {
  it("is a share of the requests within the window, and forgets", () => {
    now = 0;
    const budget = new RetryBudget({ percent: 20, minPerSecond: 0, windowMs: 10_000 }, clock);
    assert.equal(budget.take(), false);
    for (let nth = 0; nth < 50; nth += 1) budget.began();
    const taken = Array.from({ length: 20 }, () => budget.take()).filter(Boolean).length;
    assert.equal(taken, 10);
    now = 9999;
    assert.equal(budget.take(), false);
    now = 10_000;
    for (let nth = 0; nth < 5; nth += 1) budget.began();
    assert.deepEqual([budget.take(), budget.take()], [true, false]);
    now = 1_000_000;
    assert.equal(budget.take(), false);
  });

  it("has a least number a second, for backends with few requests", () => {
    now = 0;
    const budget = new RetryBudget({ percent: 0, minPerSecond: 2, windowMs: 2000 }, clock);
    const taken = Array.from({ length: 10 }, () => budget.take()).filter(Boolean).length;
    assert.equal(taken, 4);
  });
});

describe("retry rules", () => {
  it("wait at random up to a bound that doubles, and end with the count", () => {
    const waits = (fraction: number): readonly number[] => {
      const rules = new RetryRules(setting, clock, () => fraction);
      return [0, 1, 2, 3].map((done) => rules.take(done, 10_000));
    };
    assert.deepEqual(waits(0), [0, 0, 0, -1]);
    assert.deepEqual(waits(0.5), [50, 100, 150, -1]);
  });

  it("leave no retry that could not begin in time", () => {
    const rules = new RetryRules(setting, clock, () => 0.5);
    assert.equal(rules.take(0, 50), -1);
    assert.equal(rules.take(0, 51), 50);
  });

  it("know their conditions, and the API's methods before the backend's", () => {
    const rules = new RetryRules(setting, clock, () => 0);
    assert.deepEqual(
      [501, 502, 504, 505].map((status) => rules.isOnStatus(status)),
      [false, true, true, false],
    );
    assert.deepEqual(
      (["upstream-reset", "upstream-timeout", "upstream-connect-failed", "upstream-malformed"] as const).map((code) =>
        rules.isOnError(code),
      ),
      [true, false, true, false],
    );
    const made = exchange({ method: "POST" });
    assert.equal(rules.allowsMethod(made), false);
    made.api = {
      name: "a",
      displayName: "a",
      path: "/",
      trustedProxies: [],
      subscriptionKey: { header: "", query: "", forward: false },
      version: "",
      revision: null,
      errors: "problem",
      retryMethods: ["POST"],
    };
    assert.equal(rules.allowsMethod(made), true);
    made.request.method = "GET";
    assert.equal(rules.allowsMethod(made), false);
  });
});

describe("a kept body", () => {
  it("is whole up to its bound and nothing above", () => {
    const kept = new KeptBody(4);
    kept.add(Buffer.from("ab"));
    kept.add(Buffer.from("cd"));
    assert.equal(Buffer.concat(kept.chunks).toString(), "abcd");
    assert.equal(kept.isWhole, true);
    kept.add(Buffer.from("e"));
    assert.equal(kept.isWhole, false);
    assert.equal(kept.chunks.length, 0);
    kept.add(Buffer.from("f"));
    assert.equal(kept.chunks.length, 0);
  });
});
