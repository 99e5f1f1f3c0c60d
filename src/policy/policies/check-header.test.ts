import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { exchangeFor, policy, run } from "#policy/policy.test-helper.ts";

describe("check-header", () => {
  const versions = policy("check-header", {
    name: "X-Version",
    values: ["v2", "v3"],
    failedStatus: 400,
    failedMessage: "No.",
  });

  it("passes a listed value", () => {
    assert.equal(run(versions, exchangeFor(["x-version", "v3"])), undefined);
  });

  it("refuses a missing header, with status and message of the policy", () => {
    const outcome = run(versions, exchangeFor());
    assert.deepEqual(outcome, {
      kind: "refusal",
      reason: "header-missing",
      status: 400,
      message: "No.",
      lastError: { message: "Header X-Version was not found in the request. Access denied." },
      detail: "X-Version",
    });
  });

  for (const headers of [
    ["X-Version", "v4"],
    ["X-Version", "V2"],
    ["X-Version", "v2", "x-version", "v9"],
    ["X-Version", "v2, v3"],
  ]) {
    it(`refuses ${headers.join(" ")}`, () => {
      const outcome = run(versions, exchangeFor(headers));
      assert.equal(outcome?.kind === "refusal" && outcome.reason, "header-not-allowed");
    });
  }

  it("keeps the sent value out of the record", () => {
    const exchange = exchangeFor(["X-Version", "hunter2"]);
    const outcome = run(versions, exchange);
    assert.ok(outcome?.kind === "refusal");
    assert.doesNotMatch(JSON.stringify([exchange.trail, outcome.detail, outcome.message]), /hunter2/);
    assert.match(exchange.lastError?.message ?? "", /value of hunter2 is not allowed/);
  });

  it("compares without case when told to, and asks for presence only without values", () => {
    const lax = policy("check-header", { name: "X-A", values: ["abc"], ignoreCase: true });
    assert.equal(run(lax, exchangeFor(["X-A", "ABC"])), undefined);
    assert.equal(run(policy("check-header", { name: "X-A" }), exchangeFor(["x-a", "anything"])), undefined);
    const outcome = run(policy("check-header", { name: "X-A" }), exchangeFor());
    assert.equal(outcome?.kind === "refusal" && outcome.status, 401);
  });
});
