import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { cel, exchangeFor, policies, policy, run, start } from "#policy/policy.test-helper.ts";

const mark = (name: string) => policies(policy("set-variable", { name: "way", value: name }));
const byMethod = policy("choose", {
  when: [
    { condition: cel('request.method == "GET"'), policies: mark("first") },
    { condition: cel('request.headers["x-missing"] == "never evaluated"'), policies: mark("second") },
  ],
  otherwise: mark("otherwise"),
});

describe("choose", () => {
  it("runs the first branch that holds and evaluates no later condition", () => {
    const exchange = exchangeFor();
    assert.equal(run(byMethod, exchange), undefined);
    assert.equal(exchange.variables?.get("way"), "first");
  });

  it("refuses when a condition cannot be evaluated", () => {
    const exchange = exchangeFor([], { method: "POST" });
    const outcome = run(byMethod, exchange);
    assert.equal(outcome?.kind === "refusal" && outcome.reason, "expression-failed");
    assert.equal(exchange.variables, null);
  });

  it("refuses a condition that gives no bool: there is no truthiness", () => {
    const node = policy("choose", { when: [{ condition: cel("principal.claims.n"), policies: mark("a") }] });
    const exchange = exchangeFor();
    exchange.principal = { ...exchange.principal, claims: { n: "true" } };
    assert.equal(run(node, exchange)?.kind, "refusal");
    assert.equal(exchange.variables, null);
  });

  it("runs otherwise, or nothing, when no condition holds", () => {
    const never = { condition: cel("false"), policies: mark("never") };
    const exchange = exchangeFor();
    run(policy("choose", { when: [never], otherwise: mark("otherwise") }), exchange);
    assert.equal(exchange.variables?.get("way"), "otherwise");
    assert.equal(run(policy("choose", { when: [never] }), exchangeFor()), undefined);
  });

  it("ends the section with what a policy inside decides, and notes that policy once", () => {
    const inner = policies(policy("return-response", { status: 418 }, "teapot"));
    const node = policy("choose", { when: [{ condition: cel("true"), policies: inner }] });
    const exchange = exchangeFor();
    const outcome = start([node, policy("set-variable", { name: "later", value: 1 })], exchange);
    assert.ok(!(outcome instanceof Promise) && outcome?.kind === "answer" && outcome.status === 418);
    assert.equal(exchange.variables, null);
    assert.deepEqual(
      exchange.trail.map((entry) => [entry.step, entry.policy, entry.outcome]),
      [["return-response", "teapot", "answered"]],
    );
  });

  it("cannot be linked when a branch has lost its condition", () => {
    assert.throws(
      () => run(policy("choose", { when: [{ policies: mark("a") }] }), exchangeFor()),
      /lacks its condition/,
    );
  });
});
