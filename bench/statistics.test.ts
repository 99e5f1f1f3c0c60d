import assert from "node:assert/strict";
import { it } from "node:test";
import { median, quantile } from "./statistics.ts";

it("a quantile lies between its neighbours", () => {
  assert.deepEqual([quantile([4, 1, 2, 3], 0.5), quantile([7], 0.25), quantile([1, 2, 3], 0.75)], [2.5, 7, 2.5]);
});

it("one disturbed round does not move the median", () => {
  assert.deepEqual([median([1, 900, 2]), median([])], [2, 0]);
});
