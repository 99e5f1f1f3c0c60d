import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { cel, exchangeFor, policy, portsWith, run } from "#policy/policy.test-helper.ts";

function emitted(args: Parameters<typeof policy>[1], exchange = exchangeFor(["X-Tier", "gold,x=y"])): unknown {
  const seen: unknown[] = [];
  const ports = portsWith({ policyMeter: { emit: (...what) => void seen.push(what.slice(0, 4)) } });
  const outcome = run(policy("emit-metric", args), exchange, { ports });
  return outcome?.kind === "refusal" ? outcome.reason : seen;
}

describe("emit-metric", () => {
  it("adds one, or what it is told to", () => {
    assert.deepEqual(emitted({ name: "orders" }), [["API Management", "orders", "", 1]]);
    assert.deepEqual(emitted({ name: "o", namespace: "n", value: cel("2.5") }), [["n", "o", "", 2.5]]);
  });

  it("tells by dimensions, whose values cannot look like others", () => {
    const exchange = exchangeFor(["X-Tier", "gold,x=y", "Authorization", "Bearer secret-token"]);
    exchange.principal = { ...exchange.principal, id: "i|t|ada" };
    const dimensions = [
      { name: "User ID" },
      { name: "Product ID" },
      { name: "Tier", value: cel('request.headers["x-tier"]') },
      { name: "Auth", value: cel('request.headers["authorization"]') },
      { name: "Long", value: "l".repeat(100) },
    ];
    assert.deepEqual(emitted({ name: "o", dimensions }, exchange), [
      ["API Management", "o", `User ID=i|t|ada,Product ID=,Tier=gold_x_y,Auth=Bearer ***,Long=${"l".repeat(64)}`, 1],
    ]);
  });

  it("refuses what would let a counter fall", () => {
    assert.equal(emitted({ name: "o", value: cel("-1") }), "expression-failed");
    assert.equal(emitted({ name: "o", value: cel("'many'") }), "expression-failed");
  });
});
