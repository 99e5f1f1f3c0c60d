import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ResponseDraft } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import {
  asUser,
  cel,
  CountingLimiter,
  exchangeFor,
  policy,
  portsWith,
  run,
  template,
} from "#policy/policy.test-helper.ts";

const reasonOf = (outcome: ReturnType<typeof run>): string | undefined =>
  outcome?.kind === "refusal" ? outcome.reason : outcome?.kind;

describe("rate-limit-by-key", () => {
  const node = policy("rate-limit-by-key", {
    calls: 2,
    period: 60_000,
    key: cel("principal.email"),
    remainingVariable: "left",
  });

  it("counts each key on its own", () => {
    const ports = portsWith();
    for (const email of ["a@x", "a@x", "b@x"])
      assert.equal(run(node, asUser(exchangeFor(), { email }), { ports }), undefined);
    const exchange = asUser(exchangeFor(), { email: "a@x" });
    assert.equal(reasonOf(run(node, exchange, { ports })), "rate-limit-exceeded");
    assert.equal(exchange.variables?.get("left"), 0);
  });

  it("refuses an empty key instead of counting everybody together", () => {
    const limiter = new CountingLimiter();
    assert.equal(
      reasonOf(run(node, exchangeFor(), { ports: portsWith({ rateLimiter: limiter }) })),
      "limiter-key-empty",
    );
    assert.equal(limiter.counts.size, 0);
  });

  it("counts only what the condition holds for", () => {
    const limiter = new CountingLimiter();
    const ports = portsWith({ rateLimiter: limiter });
    const posts = policy("rate-limit-by-key", {
      calls: 1,
      period: 60_000,
      key: "k",
      condition: cel('request.method == "POST"'),
    });
    run(posts, exchangeFor(), { ports });
    assert.equal(limiter.counts.size, 0);
    run(posts, exchangeFor([], { method: "POST" }), { ports });
    assert.equal(limiter.counts.size, 1);
  });

  it("takes computed calls and periods: seconds, texts and durations", () => {
    const seen: number[][] = [];
    const ports = portsWith({
      rateLimiter: { add: () => {}, take: (_limiter, _key, calls, period) => (seen.push([calls, period]), 1) },
    });
    for (const period of [cel("5 + 5"), cel('"10s"'), cel('duration("10s")'), template("", "5 + 5", "s")]) {
      run(
        policy("rate-limit-by-key", { calls: cel('request.method == "GET" ? 7 : 1'), period, key: "k" }),
        exchangeFor(),
        { ports },
      );
    }
    assert.deepEqual(
      seen,
      Array.from({ length: 4 }, () => [7, 10_000]),
    );
  });

  it("refuses computed limits that are none", () => {
    for (const calls of [cel("0"), cel("-1"), cel("1.5"), cel('"many"'), cel("principal.claims")]) {
      assert.equal(
        reasonOf(run(policy("rate-limit-by-key", { calls, period: 60_000, key: "k" }), exchangeFor())),
        "expression-failed",
      );
    }
    for (const period of [cel("0"), cel('"soon"'), cel("999999999")]) {
      assert.equal(
        reasonOf(run(policy("rate-limit-by-key", { calls: 1, period, key: "k" }), exchangeFor())),
        "expression-failed",
      );
    }
  });

  it("counts a request for as much as it says, and refuses one that is more than is left", () => {
    const limiter = new CountingLimiter();
    const ports = portsWith({ rateLimiter: limiter });
    const weighed = policy("rate-limit-by-key", {
      calls: 10,
      period: 60_000,
      key: "k",
      incrementCount: cel("int(request.query.n)"),
    });
    const call = (n: number): string | undefined =>
      reasonOf(run(weighed, exchangeFor([], { query: `n=${n}` }), { ports }));
    assert.deepEqual(
      [call(7), call(4), call(3), call(0)],
      [undefined, "rate-limit-exceeded", undefined, "rate-limit-exceeded"],
    );
  });

  for (const [what, args] of [
    ["a condition on the response", { condition: cel("response.status >= 400") }],
    ["a count by the response", { incrementCount: cel("response.status >= 400 ? 1 : 0") }],
  ] as const) {
    it(`counts ${what} when that is known, and limits by what was counted before`, () => {
      const ports = portsWith();
      const failures = policy("rate-limit-by-key", { calls: 2, period: 60_000, key: "k", ...args });
      const call = (status: number | null): string | undefined => {
        const exchange = exchangeFor();
        const outcome = run(failures, exchange, { ports });
        exchange.response = status === null ? null : new ResponseDraft(status, "", new HeaderList(), null, "upstream");
        for (const tell of exchange.answered ?? []) tell();
        return reasonOf(outcome);
      };
      assert.deepEqual([200, 401, 200, null, 200].map(call), [
        undefined,
        undefined,
        undefined,
        undefined,
        "rate-limit-exceeded",
      ]);
    });
  }

  it("counts after the response where it is told to", () => {
    const limiter = new CountingLimiter();
    const exchange = exchangeFor();
    const later = policy("rate-limit-by-key", { calls: 2, period: 60_000, key: "k", incrementAfterResponse: true });
    assert.equal(run(later, exchange, { ports: portsWith({ rateLimiter: limiter }) }), undefined);
    assert.equal(limiter.counts.size, 0);
    for (const tell of exchange.answered ?? []) tell();
    assert.deepEqual([...limiter.counts.values()], [1]);
  });
});
