import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { durationOf } from "./envelopes.ts";

describe("a span of time", () => {
  it("is written as .NET writes it", () => {
    const hour = 3_600_000;
    const spans: readonly (readonly [number, string])[] = [
      [0, "00:00:00.0000000"],
      [-3, "00:00:00.0000000"],
      [1.2345, "00:00:00.0012345"],
      [59_999.99999, "00:01:00.0000000"],
      [hour + 61_001, "01:01:01.0010000"],
      [49 * hour, "2.01:00:00.0000000"],
    ];
    for (const [ms, text] of spans) assert.equal(durationOf(ms), text);
  });
});
