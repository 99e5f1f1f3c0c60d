import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Goal, judge, type Measured } from "./goals.ts";

const ratio: Goal = {
  case: "any",
  what: "a ÷ b",
  of: "a",
  against: { sign: "÷", by: "b" },
  unit: "",
  better: "less",
  must: 2,
  goal: 1.5,
};

function judged(a: readonly number[], b: readonly number[], goal: Goal = ratio): Measured | undefined {
  return judge(
    new Map([
      ["a", a],
      ["b", b],
    ]),
    [goal],
  )[0];
}

describe("what a run is held to", () => {
  it("is the median of the ratios of its rounds: a slow minute counts for both sides", () => {
    const found = judged([10, 40, 30], [5, 20, 20]);
    assert.deepEqual([found?.value, found?.quartiles, found?.verdict], [2, [1.75, 2], "must"]);
  });

  it("is reached, nearly reached, or missed", () => {
    assert.deepEqual(
      [[3], [4], [4.1]].map((a) => judged(a, [2])?.verdict),
      ["goal", "must", "missed"],
    );
  });

  it("may be a difference, or a figure by itself", () => {
    assert.equal(judged([5, 7], [4, 4], { ...ratio, against: { sign: "−", by: "b" } })?.value, 2);
    assert.equal(judged([5, 7, 8], [], { ...ratio, against: null })?.value, 7);
  });

  it("may be the better the more it is", () => {
    const more: Goal = { ...ratio, better: "more", must: 0.5, goal: 0.8 };
    assert.deepEqual(
      [[8], [5], [4.9]].map((a) => judged(a, [10], more)?.verdict),
      ["goal", "must", "missed"],
    );
  });

  it("is told where nothing is asked of it", () => {
    assert.equal(judged([1], [1], { ...ratio, must: null, goal: null })?.verdict, "told");
  });

  it("says nothing where one side has not run, or has answered nothing", () => {
    assert.equal(judged([1], []), undefined);
    assert.equal(judged([], [1]), undefined);
    assert.equal(judged([1], [0]), undefined);
  });
});
