import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ApiFacts, Route } from "#model/snapshot.ts";
import { CountingLimiter, exchangeFor, policy, portsWith, run } from "#policy/policy.test-helper.ts";

function underSubscription(id: string, product = "starter") {
  const exchange = exchangeFor();
  exchange.subscription = { id, scope: `product:${product}`, by: "key" };
  exchange.product = { name: product, displayName: product, subscription: "key", members: null };
  return exchange;
}

describe("rate-limit", () => {
  const node = policy("rate-limit", {
    calls: 1,
    period: 60_000,
    remainingHeader: "X-Left",
    totalHeader: "X-Total",
    retryAfterVariable: "wait",
  });

  it("does nothing without a subscription", () => {
    const ports = portsWith();
    for (let call = 0; call < 3; call += 1) assert.equal(run(node, exchangeFor(), { ports }), undefined);
  });

  it("refuses the call too many with 429 and the seconds to wait, rounded up", () => {
    const ports = portsWith();
    const first = underSubscription("s1");
    assert.equal(run(node, first, { ports, scope: "product" }), undefined);
    assert.deepEqual(first.responseExtras, ["X-Left", "0", "X-Total", "1"]);
    const second = underSubscription("s1");
    const outcome = run(node, second, { ports, scope: "product" });
    assert.deepEqual(outcome, {
      kind: "refusal",
      reason: "rate-limit-exceeded",
      message: "Rate limit is exceeded. Try again in 60 seconds.",
      lastError: { message: "Rate limit is exceeded" },
      headers: ["Retry-After", "60"],
    });
    assert.equal(second.variables?.get("wait"), 60);
  });

  it("counts each subscription, product and scope on its own", () => {
    const limiter = new CountingLimiter();
    const ports = portsWith({ rateLimiter: limiter });
    run(node, underSubscription("s1", "a"), { ports, scope: "product" });
    run(node, underSubscription("s2", "a"), { ports, scope: "product" });
    run(node, underSubscription("s1", "b"), { ports, scope: "product" });
    run(node, underSubscription("s1", "a"), { ports, scope: "api" });
    run(node, underSubscription("s1", "a"), { ports, scope: "operation" });
    assert.equal(limiter.counts.size, 5);
  });

  it("never says 0 seconds", () => {
    const ports = portsWith({ rateLimiter: { take: () => -1, add: () => {} } });
    const outcome = run(node, underSubscription("s1"), { ports });
    assert.deepEqual(outcome?.kind === "refusal" && outcome.headers, ["Retry-After", "1"]);
  });

  it("limits single APIs and operations besides, by id or by name", () => {
    const limiter = new CountingLimiter();
    const ports = portsWith({ rateLimiter: limiter });
    const nested = policy("rate-limit", {
      calls: 100,
      period: 60_000,
      apis: [
        { name: "Orders", operations: [{ id: "list", calls: 1, period: 60_000 }] },
        { id: "orders", name: "Other", calls: 2, period: 60_000 },
        { name: "stock", calls: 1, period: 60_000 },
      ],
    });
    const call = (operation: string): string | undefined => {
      const exchange = underSubscription("s1", "starter");
      exchange.api = { ...(exchange.api as ApiFacts), name: "orders", displayName: "Orders" };
      exchange.route = { operation } as Route;
      const outcome = run(nested, exchange, { ports, scope: "product" });
      return outcome?.kind === "refusal" ? outcome.reason : undefined;
    };
    assert.deepEqual(["list", "list", "get", "get"].map(call), [
      undefined,
      "rate-limit-exceeded",
      undefined,
      "rate-limit-exceeded",
    ]);
    assert.equal([...limiter.counts.keys()].filter((key) => key.includes("stock")).length, 0);
  });
});
