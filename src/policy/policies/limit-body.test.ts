import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { BodySource } from "#model/body.ts";
import { exchangeFor, policy, run } from "#policy/policy.test-helper.ts";

function bodyOf(length: number | undefined, limits: number[]): BodySource {
  const nothing = (): void => {};
  return {
    length,
    setLimit: (bytes) => limits.push(bytes),
    start: nothing,
    pause: nothing,
    resume: nothing,
    cancel: nothing,
  };
}

describe("limit-body", () => {
  it("refuses a declared length, and bounds one that is not declared", () => {
    const limits: number[] = [];
    const limited = (length: number | undefined): string | undefined => {
      const outcome = run(policy("limit-body", { size: 10 }), exchangeFor([], { body: bodyOf(length, limits) }));
      return outcome?.kind === "refusal" ? outcome.reason : undefined;
    };
    assert.deepEqual([limited(10), limited(11), limited(undefined)], [undefined, "body-too-large", undefined]);
    assert.deepEqual(limits, [10, 10, 10]);
  });

  it("has nothing to bound without a body", () => {
    assert.equal(run(policy("limit-body", { size: 10 }), exchangeFor()), undefined);
  });
});
