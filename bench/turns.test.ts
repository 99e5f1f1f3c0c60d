import assert from "node:assert/strict";
import { it } from "node:test";
import { microsByTurn } from "./accounts.ts";
import { inTurns } from "./turns.ts";
import { isSettled, warmUp } from "./warm-up.ts";

it("each has its turn in every round, forwards and backwards", async () => {
  const order: string[] = [];
  const taken = await inTurns(["a", "b", "c"], 3, async (item, round) => {
    order.push(item);
    return `${item}${round}`;
  });
  assert.equal(order.join(""), "abccbaabc");
  assert.deepEqual(taken.get("b"), ["b1", "b2", "b3"]);
});

it("warming up ends when the figure has stopped falling, and at the latest after so many turns", async () => {
  const falling = [100, 80, 60, 50, 50, 49.9, 20];
  let at = 0;
  assert.deepEqual(await warmUp(async () => falling[at++] as number, 20), [100, 80, 60, 50, 50, 49.9]);
  at = 0;
  assert.equal((await warmUp(async () => 100 - 10 * at++, 5)).length, 5);
  assert.equal(isSettled([50, 50, 50]), false);
});

it("a request is charged with its share of what the proxy did after its turns, less what it does when idle", () => {
  const turns = [
    { cpuSeconds: 1, seconds: 2, requests: 100 },
    { cpuSeconds: 2, seconds: 2, requests: 100 },
  ];
  // 6 s between, 0.1 of them idle work; 1 s of work is left.
  const micros = microsByTurn(turns, turns, { cpuSeconds: 4.6, seconds: 10 }, { cpuSeconds: 0.3, seconds: 3 });
  assert.deepEqual(micros.map(Math.round), [15_000, 25_000]);
});

it("what has taken less than when idle gives nothing back", () => {
  const turns = [{ cpuSeconds: 1, seconds: 2, requests: 100 }];
  assert.deepEqual(microsByTurn(turns, turns, { cpuSeconds: 1, seconds: 4 }, { cpuSeconds: 1, seconds: 1 }), [10_000]);
  assert.deepEqual(microsByTurn(turns, turns, { cpuSeconds: 1, seconds: 4 }, { cpuSeconds: 0, seconds: 0 }), [10_000]);
});

it("a target is not charged with the turns of another one that the same gateway serves", () => {
  const [one, other] = [[{ cpuSeconds: 1, seconds: 2, requests: 100 }], [{ cpuSeconds: 3, seconds: 2, requests: 100 }]];
  const idle = { cpuSeconds: 0, seconds: 1 };
  assert.deepEqual(microsByTurn(one, [...one, ...other], { cpuSeconds: 4, seconds: 9 }, idle), [10_000]);
  assert.deepEqual(microsByTurn(one, [...one, ...other], { cpuSeconds: 6, seconds: 9 }, idle), [20_000]);
});
