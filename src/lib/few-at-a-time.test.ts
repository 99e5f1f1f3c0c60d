import assert from "node:assert/strict";
import { it } from "node:test";
import { fewAtATime } from "./few-at-a-time.ts";

it("does no more at a time than is said, and keeps the order", async () => {
  let [busy, busiest] = [0, 0];
  const work = async (item: number): Promise<number> => {
    busiest = Math.max(busiest, (busy += 1));
    await new Promise((resolve) => setImmediate(resolve));
    busy -= 1;
    return item * 2;
  };
  assert.deepEqual(await fewAtATime([1, 2, 3, 4, 5], 2, work), [2, 4, 6, 8, 10]);
  assert.equal(busiest, 2);
  assert.deepEqual(await fewAtATime([], 2, work), []);
});
