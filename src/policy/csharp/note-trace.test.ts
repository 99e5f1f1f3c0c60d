import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Exchange } from "#model/exchange.ts";
import { exchangeFor, fixedClock } from "#policy/policy.test-helper.ts";
import { evaluateCsharp } from "./evaluate-csharp.ts";

function traced(source: string, exchange: Exchange = exchangeFor(), secret = false): readonly unknown[] {
  evaluateCsharp(`@{ ${source} return 1; }`, fixedClock, Math.random, secret)(exchange);
  return exchange.trail.map(({ step, outcome, detail }) => [step, outcome, detail]);
}

describe("context.Trace", () => {
  it("writes into the request's record, as the policy trace does", () => {
    assert.deepEqual(traced('context.Trace("got " + context.Request.Method); context.Trace(null);'), [
      ["trace", "passed", "verbose context.Trace: got GET"],
      ["trace", "passed", "verbose context.Trace: "],
    ]);
  });

  it("tells no credential of the request, and nothing of an expression with a secret in it", () => {
    const exchange = exchangeFor(["Authorization", "Bearer credential-of-a-client"]);
    const said = traced('context.Trace(context.Request.Headers.GetValueOrDefault("Authorization"));', exchange);
    assert.doesNotMatch(JSON.stringify(said), /credential-of-a-client/);
    assert.deepEqual(traced('context.Trace("a secret");', exchangeFor(), true), [
      ["trace", "passed", "verbose context.Trace: ***"],
    ]);
  });

  it("says no more than so much, and so often", () => {
    const said = traced("for (var i = 0; i < 100; i++) { context.Trace(new string('x', 5000)); }");
    assert.equal(said.length, 64);
    assert.equal(String((said[0] as string[])[2]), `verbose context.Trace: ${"x".repeat(1024)}`);
  });
});
