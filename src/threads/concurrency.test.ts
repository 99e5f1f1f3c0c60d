import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { describe, test } from "node:test";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { noRoom, tooMany } from "#model/ports.ts";
import { attachConcurrency, clearConcurrency, createConcurrency, type SharedConcurrency } from "./concurrency.ts";

const random = { bytes: (count: number): Uint8Array => randomBytes(count) };

interface Job {
  readonly shared: SharedConcurrency;
  readonly column: number;
  /** Who is inside as the threads themselves count, and the most that ever was. */
  readonly seen: Int32Array;
  readonly most: number;
}

/** In a worker: enters and leaves, and holds what it is let into to its promise. */
function crowd({ shared, column, seen, most }: Job): void {
  const counters = attachConcurrency(shared, column + 1, column);
  let entered = 0;
  for (let times = 0; times < 50_000; times += 1) {
    const ticket = counters.enter("door", most);
    if (ticket < 0) continue;
    const inside = Atomics.add(seen, 0, 1) + 1;
    for (let highest = Atomics.load(seen, 1); inside > highest; highest = Atomics.load(seen, 1)) {
      Atomics.compareExchange(seen, 1, highest, inside);
    }
    entered += 1;
    Atomics.sub(seen, 0, 1);
    counters.leave(ticket);
  }
  parentPort?.postMessage(entered, []);
}

if (!isMainThread) crowd(workerData as Job);
else {
  describe("concurrency over threads", () => {
    test("never lets more in than may be", async () => {
      const shared = createConcurrency({ columns: 3, random });
      const seen = new Int32Array(new SharedArrayBuffer(8));
      const jobs = [0, 1, 2].map((column) => ({ shared, column, seen, most: 2 }));
      const workers = jobs.map((job) => new Worker(new URL(import.meta.url), { workerData: job }));
      const entered = await Promise.all(workers.map((worker) => once(worker, "message")));
      await Promise.all(workers.map((worker) => worker.terminate()));
      assert.ok(entered.every(([times]) => times > 0));
      const most = seen[1] ?? 0;
      assert.ok(most >= 1 && most <= 2, `${most} inside`);
    });
  });

  describe("concurrency", () => {
    test("counts each key by itself, over columns", () => {
      const shared = createConcurrency({ columns: 2, random });
      const [one, two] = [attachConcurrency(shared, 1, 0), attachConcurrency(shared, 2, 1)];
      const first = one.enter("a", 2);
      const second = two.enter("a", 2);
      assert.ok(first >= 0 && second >= 0);
      assert.equal(one.enter("a", 2), tooMany);
      assert.equal(two.enter("a", 2), tooMany);
      assert.ok(one.enter("b", 1) >= 0);
      two.leave(second);
      assert.ok(one.enter("a", 2) >= 0);
      assert.equal(two.enter("a", 2), tooMany);
    });

    test("forgets what a dead thread had inside, and nothing of the others", () => {
      const shared = createConcurrency({ columns: 2, random });
      const [one, two] = [attachConcurrency(shared, 1, 0), attachConcurrency(shared, 2, 1)];
      two.enter("a", 3);
      two.enter("b", 3);
      one.enter("a", 3);
      assert.equal(clearConcurrency(shared, 9), 0);
      assert.equal(clearConcurrency(shared, 2), 2);
      const three = attachConcurrency(shared, 3, 1);
      assert.deepEqual(
        [three.enter("a", 2) >= 0, three.enter("a", 2), three.enter("b", 1) >= 0],
        [true, tooMany, true],
      );
    });

    test("says when there is no room, and uses again what is free", () => {
      const shared = createConcurrency({ columns: 1, keys: 4, random });
      const counters = attachConcurrency(shared, 1, 0);
      const tickets = Array.from({ length: 20 }, (_, at) => counters.enter(`key${at}`, 1));
      assert.deepEqual(tickets.filter((ticket) => ticket >= 0).length, 16);
      assert.deepEqual(tickets.slice(16), Array(4).fill(noRoom));
      counters.leave(tickets[0] as number);
      assert.equal(counters.enter("another", 1), tickets[0]);
    });

    test("has as many columns as were asked for", () => {
      const shared = createConcurrency({ columns: 1, random });
      assert.throws(() => attachConcurrency(shared, 2, 1), { code: "internal" });
    });
  });
}
