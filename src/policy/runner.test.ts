import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { GatewayError } from "#model/errors.ts";
import { refuse, type StepResult } from "#model/decision.ts";
import type { Exchange } from "#model/exchange.ts";
import type { LinkedStep } from "./context.ts";
import { exchangeFor } from "./policy.test-helper.ts";
import { runSection } from "./runner.ts";

function step(name: string, run: (exchange: Exchange) => StepResult, id?: string): LinkedStep {
  return { name, id, scope: "api", section: "inbound", at: "s.yaml:3", path: name, nests: false, run };
}

const visit = (seen: string[], name: string) => step(name, () => void seen.push(name));

describe("runSection", () => {
  it("makes no promise when no step does", () => {
    const seen: string[] = [];
    assert.equal(runSection([visit(seen, "a"), visit(seen, "b")], exchangeFor()), undefined);
    assert.deepEqual(seen, ["a", "b"]);
  });

  it("stops at the first outcome and notes it alone", () => {
    const seen: string[] = [];
    const exchange = exchangeFor();
    const refusal = refuse("quota-exceeded", { detail: "used up" });
    assert.equal(
      runSection([visit(seen, "a"), step("quota", () => refusal, "q1"), visit(seen, "b")], exchange),
      refusal,
    );
    assert.deepEqual(seen, ["a"]);
    assert.deepEqual(exchange.trail, [
      {
        door: "policy",
        step: "quota",
        policy: "q1",
        outcome: "refused",
        reason: "quota-exceeded",
        detail: "used up",
        micros: 0,
      },
    ]);
    assert.deepEqual(exchange.lastError, {
      source: "quota",
      reason: "quota-exceeded",
      message: "Out of call volume quota.",
      scope: "api",
      section: "inbound",
      path: "quota",
      policyId: "q1",
    });
  });

  for (const [code, reason] of [
    ["expression-failed", "expression-failed"],
    ["egress-refused", "egress-not-allowed"],
    ["upstream-timeout", "upstream-timeout"],
    ["internal", "policy-failed"],
  ] as const) {
    it(`makes ${reason} of a thrown ${code}, also from a promise`, async () => {
      const error = new GatewayError(code, 500, "it broke");
      const thrown = runSection([step("x", () => assert.fail(error))], exchangeFor());
      assert.ok(!(thrown instanceof Promise) && thrown?.kind === "refusal" && thrown.reason === reason);
      const rejected = await runSection([step("x", () => Promise.reject(error))], exchangeFor());
      assert.ok(rejected?.kind === "refusal" && rejected.reason === reason);
    });
  }

  it("tells nothing of a foreign error but its name: its text may quote the request", () => {
    const exchange = exchangeFor();
    const broken = step("x", () => {
      throw new SyntaxError("unexpected token in hunter2");
    });
    const outcome = runSection([broken], exchange);
    assert.ok(!(outcome instanceof Promise) && outcome?.kind === "refusal");
    assert.deepEqual([outcome.reason, outcome.detail], ["policy-failed", "s.yaml:3: SyntaxError"]);
    assert.equal(exchange.trail[0]?.outcome, "failed");
    assert.doesNotMatch(JSON.stringify(exchange.trail), /hunter2/);
  });

  it("goes on in order after a promise", async () => {
    const seen: string[] = [];
    const slow = step("slow", async () => {
      await Promise.resolve();
      seen.push("slow");
      return undefined;
    });
    const observed: string[] = [];
    const pending = runSection([visit(seen, "a"), slow, visit(seen, "b"), slow], exchangeFor(), undefined, ({ name }) =>
      observed.push(name),
    );
    assert.ok(pending instanceof Promise);
    assert.equal(await pending, undefined);
    assert.deepEqual(seen, ["a", "slow", "b", "slow"]);
    assert.deepEqual(observed, seen);
  });
});
