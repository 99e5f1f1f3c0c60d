import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { passed } from "./passed.ts";

describe("the hand-over of a row that had nothing against a request", () => {
  it("says what it is told, whatever was asked before", () => {
    for (const micros of [0, 7, 255, 256, 70_000, 7, -1]) {
      for (const [door, step] of [
        ["edge", "route"],
        ["policy", "access"],
        ["upstream", "route"],
        ["edge", "route"],
      ] as const) {
        assert.deepEqual(passed(door, step, micros), { door, step, outcome: "passed", micros });
      }
    }
    assert.ok(Number.isNaN(passed("edge", "route", Number.NaN).micros));
  });

  it("is one object for all that took as long, of those that are short", () => {
    assert.equal(passed("policy", "access", 6), passed("policy", "access", 6));
    assert.notEqual(passed("policy", "access", 6), passed("policy", "access", 9));
    assert.notEqual(passed("policy", "access", 3000), passed("policy", "access", 3000));
  });
});
