import assert from "node:assert/strict";
import { test } from "node:test";
import { Turns } from "./turns.ts";

test("some have their turn at a time, the others in order, also behind one that fails", async () => {
  const turns = new Turns(2);
  const ends: (() => void)[] = [];
  const begun: number[] = [];
  const all = [0, 1, 2, 3].map((at) =>
    turns.take(async () => {
      begun.push(at);
      await new Promise<void>((resolve) => ends.push(resolve));
      if (at === 0) throw new Error("failed");
      return at;
    }),
  );
  const settled = Promise.allSettled(all);
  const finish = async (at: number): Promise<void> => {
    ends[at]?.();
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
  };
  await finish(-1);
  assert.deepEqual(begun, [0, 1]);
  await finish(0);
  assert.deepEqual(begun, [0, 1, 2]);
  for (const at of [1, 2, 3]) await finish(at);
  assert.deepEqual(
    (await settled).map((one) => (one.status === "fulfilled" ? one.value : "failed")),
    ["failed", 1, 2, 3],
  );
});

test("too many are refused at once", async () => {
  const turns = new Turns(1);
  let end = (): void => {};
  const first = turns.take(() => new Promise<void>((resolve) => (end = resolve)));
  const waiting = Array.from({ length: 1024 }, () => turns.take(async () => {}));
  await assert.rejects(
    turns.take(async () => {}),
    /too many are waiting/,
  );
  end();
  await first;
  await Promise.all(waiting);
});
