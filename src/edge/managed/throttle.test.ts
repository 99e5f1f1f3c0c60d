import assert from "node:assert/strict";
import { test } from "node:test";
import { Throttle } from "./throttle.ts";

const periodMs = 10_000;

/** Time that passes only while somebody pauses, or when told. */
function fakeTime() {
  const time = { now: 0, pauses: [] as number[] };
  const clock = { now: () => time.now, mono: () => time.now };
  const pause = async (ms: number) => {
    time.pauses.push(ms);
    time.now += ms;
  };
  return { time, clock, pause };
}

test("lets as many through at once as it may, and has the next wait until the first is a period ago", async () => {
  const { time, clock, pause } = fakeTime();
  const throttle = new Throttle(2, periodMs, clock, pause);
  await throttle.take();
  time.now += 4000;
  await throttle.take();
  assert.deepEqual(time.pauses, []);
  await throttle.take();
  assert.deepEqual(time.pauses, [6000]);
  await throttle.take();
  assert.deepEqual(time.pauses, [6000, 4000]);
});

test("never lets more than that through in any period, however many ask together", async () => {
  const { time, clock, pause } = fakeTime();
  const throttle = new Throttle(3, periodMs, clock, pause);
  const times = await Promise.all(Array.from({ length: 10 }, () => throttle.take().then(() => time.now)));
  for (const [index, later] of times.slice(3).entries()) assert.ok(later - (times[index] as number) >= periodMs);
  assert.equal(time.now, 3 * periodMs);
});

test("has nobody wait who comes after a period of rest", async () => {
  const { time, clock, pause } = fakeTime();
  const throttle = new Throttle(1, periodMs, clock, pause);
  await throttle.take();
  time.now += periodMs;
  await throttle.take();
  assert.deepEqual(time.pauses, []);
});

test("a wait that is broken off fails for the one who waited, and those behind wait all the same", async () => {
  const { time, clock, pause } = fakeTime();
  let broken = false;
  const throttle = new Throttle(1, periodMs, clock, async (ms) => {
    if (!broken) {
      broken = true;
      throw new Error("stopped");
    }
    await pause(ms);
  });
  await throttle.take();
  const [second, third] = await Promise.allSettled([throttle.take(), throttle.take()]);
  assert.equal(second?.status, "rejected");
  assert.equal(third?.status, "fulfilled");
  assert.deepEqual(time.pauses, [periodMs]);
});
