import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { createClock } from "./clock.ts";
import { createLimiter, type SharedLimiter } from "./limiter-layout.ts";
import { attachLimiter, clearLimiterLocks } from "./limiter.ts";

interface Job {
  readonly shared: SharedLimiter;
  readonly generation: number;
  readonly keys: number;
  readonly calls: number;
  /** Takes; without end when 0. */
  readonly takes: number;
  readonly start: Int32Array;
}

const HOUR = 3_600_000;

/** In a worker: counts what it was let through, per key. */
function hammer(job: Job): void {
  const limiter = attachLimiter(job.shared, job.generation, createClock());
  const admitted = Array.from({ length: job.keys }, () => 0);
  Atomics.add(job.start, 1, 1);
  Atomics.notify(job.start, 1);
  Atomics.wait(job.start, 0, 0);
  for (let i = 0; job.takes === 0 || i < job.takes; i++) {
    const key = i % job.keys;
    if (limiter.take(1, `key${key}`, job.calls, HOUR) >= 0) admitted[key] = (admitted[key] ?? 0) + 1;
  }
  parentPort?.postMessage(admitted, []);
}

function shared(keys: number): SharedLimiter {
  return createLimiter({ keys, origin: createClock().mono(), random: { bytes: (count) => randomBytes(count) } });
}

/** All begin together, or the first might be done before the last has started. */
async function release(start: Int32Array, threads: number): Promise<void> {
  while (Atomics.load(start, 1) < threads) await sleep(1);
  Atomics.store(start, 0, 1);
  Atomics.notify(start, 0);
}

async function admittedBy(threads: number, job: Omit<Job, "generation" | "start">): Promise<number[]> {
  const start = new Int32Array(new SharedArrayBuffer(8));
  const workers = Array.from(
    { length: threads },
    (_, i) => new Worker(new URL(import.meta.url), { workerData: { ...job, generation: i + 1, start } }),
  );
  const messages = workers.map((worker) => once(worker, "message"));
  await release(start, threads);
  const results = (await Promise.all(messages)).map(([counts]) => counts as number[]);
  await Promise.all(workers.map((worker) => worker.terminate()));
  return results[0]?.map((_, key) => results.reduce((sum, counts) => sum + (counts[key] ?? 0), 0)) ?? [];
}

/** Kills a worker in the middle of its loop; returns whether it left a lock behind. */
async function killOne(limiter: SharedLimiter, generation: number, calls: number): Promise<boolean> {
  const start = new Int32Array(new SharedArrayBuffer(8));
  const job: Job = { shared: limiter, generation, keys: 1, calls, takes: 0, start };
  const worker = new Worker(new URL(import.meta.url), { workerData: job });
  await release(start, 1);
  await sleep(5);
  await worker.terminate();
  return clearLimiterLocks(limiter, generation) > 0;
}

if (!isMainThread) hammer(workerData as Job);
else
  describe("over threads", () => {
    for (const calls of [1, 10, 200, 5000]) {
      test(`one hot key, ${calls} calls: exactly that many`, async () => {
        assert.deepEqual(await admittedBy(4, { shared: shared(64), keys: 1, calls, takes: 5000 }), [calls]);
      });
    }

    test("many keys that all threads use: exactly the limit for each", async () => {
      const admitted = await admittedBy(4, { shared: shared(4096), keys: 1000, calls: 7, takes: 20_000 });
      assert.deepEqual(
        admitted,
        admitted.map(() => 7),
      );
    });

    test("at the bound: never more than the limit for a key", async () => {
      const limiter = shared(32);
      const admitted = await admittedBy(3, { shared: limiter, keys: 200, calls: 5, takes: 20_000 });
      const full = admitted.filter((count) => count === 5).length;
      assert.ok(admitted.every((count) => count <= 5));
      const rest = admitted.filter((count) => count < 5).reduce((sum, count) => sum + count, 0);
      assert.ok((full === 16 && rest === 5) || (full === 17 && rest === 0), `${full} full, ${rest} shared`);
    });

    test("a worker killed in the middle leaves nothing that stops or misleads the others", async () => {
      let held = 0;
      for (let generation = 10; generation < 22; generation++) {
        const calls = generation % 2 === 0 ? 100 : 1000;
        const limiter = shared(64);
        if (await killOne(limiter, generation, calls)) held++;
        const survivor = attachLimiter(limiter, 99, createClock());
        const left = survivor.take(1, "key0", calls, HOUR);
        assert.ok(left < 0 || left < calls, `${left}`);
        let more = 0;
        while (survivor.take(1, "key0", calls, HOUR) >= 0) more++;
        assert.ok(more <= calls);
        assert.equal(survivor.take(1, "other", calls, HOUR), calls - 1);
      }
      assert.ok(held > 0, "no kill hit a held lock; the test shows nothing");
    });
  });
