import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { cel, exchangeFor, policy, run } from "#policy/policy.test-helper.ts";

describe("refuse", () => {
  it("refuses with its status and message, written or computed", () => {
    const exchange = exchangeFor([], { path: "/a" });
    const outcome = run(policy("refuse", { status: 404, message: cel('"no " + request.path') }), exchange);
    assert.deepEqual(outcome, { kind: "refusal", reason: "refused-by-policy", status: 404, message: "no /a" });
  });

  it("with a status that is no error fails, and so refuses all the same", () => {
    const outcome = run(policy("refuse", { status: cel("200") }), exchangeFor());
    assert.equal(outcome?.kind, "refusal");
    assert.notEqual((outcome as { status?: number }).status, 200);
  });
});
