import assert from "node:assert/strict";
import { describe, it } from "node:test";
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
    assert.equal(exchange.variables?.get("left"), 0n);
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
      rateLimiter: { take: (_limiter, _key, calls, period) => (seen.push([calls, period]), 1) },
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
});
