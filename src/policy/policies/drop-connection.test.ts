import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { exchangeFor, policy, run } from "#policy/policy.test-helper.ts";

describe("drop-connection", () => {
  it("is a refusal with a reason of its own, for the record", () => {
    assert.deepEqual(run(policy("drop-connection"), exchangeFor()), { kind: "refusal", reason: "connection-dropped" });
  });
});
