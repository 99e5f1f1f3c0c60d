import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { judge, quantile } from "./goals.ts";

const goal = { what: "a ÷ b", of: "a", by: "b", must: 2, goal: 1.5 };
const verdictOf = (a: readonly number[], b: readonly number[]): string | undefined =>
  judge(
    new Map([
      ["a", a],
      ["b", b],
    ]),
    [goal],
  )[0]?.verdict;

describe("what a run is held to", () => {
  it("is the median of the ratios of its rounds: a slow minute counts for both sides", () => {
    const [found] = judge(
      new Map([
        ["a", [10, 40, 30]],
        ["b", [5, 20, 20]],
      ]),
      [goal],
    );
    assert.deepEqual([found?.ratio, found?.quartiles, found?.verdict], [2, [1.75, 2], "must"]);
  });

  it("is reached, nearly reached, or missed", () => {
    assert.deepEqual([verdictOf([3], [2]), verdictOf([4], [2]), verdictOf([4.1], [2])], ["goal", "must", "missed"]);
  });

  it("says nothing where one side has not run", () => {
    assert.equal(verdictOf([1], []), undefined);
    assert.equal(verdictOf([], [1]), undefined);
  });
});

it("a quantile lies between its neighbours", () => {
  assert.deepEqual([quantile([4, 1, 2, 3], 0.5), quantile([7], 0.25), quantile([1, 2, 3], 0.75)], [2.5, 7, 2.5]);
});
