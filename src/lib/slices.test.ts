import assert from "node:assert/strict";
import { it } from "node:test";
import { atOnce, inSlices, mapSteps, type Steps } from "./slices.ts";

function* busy(ms: number): Steps<string> {
  for (const end = performance.now() + ms; performance.now() < end;) yield;
  return "done";
}

it("leaves the thread to others between slices", async () => {
  const order: string[] = [];
  setImmediate(() => order.push("another"));
  order.push(await inSlices(busy(20)));
  assert.deepEqual(order, ["another", "done"]);
});

it("tells what the steps throw", async () => {
  const failing = function* (): Steps<never> {
    yield;
    throw new RangeError("no");
  };
  await assert.rejects(inSlices(failing()), RangeError);
  assert.throws(() => atOnce(failing()), RangeError);
});

it("maps in order, with a step for each item", () => {
  const steps = mapSteps([1, 2, 3], (one) => one * 2);
  assert.deepEqual([steps.next().done, steps.next().done, steps.next().done], [false, false, false]);
  assert.deepEqual(steps.next(), { done: true, value: [2, 4, 6] });
});
