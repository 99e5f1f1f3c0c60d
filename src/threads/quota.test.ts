import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { describe, test } from "node:test";
import { isMainThread, MessageChannel, parentPort, Worker, workerData, type MessagePort } from "node:worker_threads";
import type { QuotaCounters } from "#model/ports.ts";
import { createControlClient, serveControlCalls } from "./control-calls.ts";
import { clearQuotaLocks, createQuotaTable, type SharedQuota } from "./quota-table.ts";
import { attachQuota, type LeaseQuota, type QuotaLease } from "./quota.ts";

const random = { bytes: (count: number): Uint8Array => randomBytes(count) };
const DAY = 86_400_000;

/** The store: adds, and caps at the limit or not. */
class FakeStore {
  readonly leased: Map<string, number> = new Map();
  calls: number = 0;
  readonly #cap: boolean;

  constructor(cap: boolean = true) {
    this.#cap = cap;
  }

  readonly lease: LeaseQuota = (counter, windowStart, amount, limit) => {
    this.calls++;
    const key = `${counter}@${windowStart}`;
    const before = this.leased.get(key) ?? 0;
    const granted = this.#cap ? Math.max(0, Math.min(amount, limit - before)) : amount;
    this.leased.set(key, before + granted);
    return Promise.resolve({ leased: before + granted, granted });
  };
}

interface Fixture {
  readonly quota: QuotaCounters;
  readonly shared: SharedQuota;
  readonly store: FakeStore;
  now: number;
}

function fixture(store: FakeStore = new FakeStore(), counters: number = 64, lease: LeaseQuota = store.lease): Fixture {
  const shared = createQuotaTable({ counters, random });
  const clock = { now: (): number => made.now };
  const made: Fixture = { quota: attachQuota(shared, 1, clock, lease), shared, store, now: 10 * DAY };
  return made;
}

async function admitted(quota: QuotaCounters, calls: number, tries: number, period: number = DAY): Promise<number> {
  let count = 0;
  for (let i = 0; i < tries; i++) if ((await quota.take("c", calls, period, 0)) >= 0) count++;
  return count;
}

interface Job {
  readonly shared: SharedQuota;
  readonly generation: number;
  readonly port: MessagePort;
  readonly calls: number;
}

interface Calls {
  readonly lease: { readonly request: Parameters<LeaseQuota>; readonly response: QuotaLease };
}

async function hammer(job: Job): Promise<void> {
  const client = createControlClient<Calls>(job.port);
  const lease: LeaseQuota = (...request) => client.call("lease", request);
  const quota = attachQuota(job.shared, job.generation, { now: () => 10 * DAY }, lease);
  let count = 0;
  for (let round = 0; round < 50; round++) {
    const batch = await Promise.all(Array.from({ length: 20 }, () => quota.take("c", job.calls, DAY, 0)));
    count += batch.filter((left) => left >= 0).length;
  }
  for (let i = 0; i < 60_000; i++) {
    const left = quota.take("c", job.calls, DAY, 0);
    if ((typeof left === "number" ? left : await left) >= 0) count++;
  }
  client.close();
  parentPort?.postMessage(count, []);
}

async function admittedOverThreads(calls: number, store: FakeStore): Promise<number> {
  const shared = createQuotaTable({ counters: 64, random });
  const counts = [1, 2, 3].map(async (generation) => {
    const { port1, port2 } = new MessageChannel();
    serveControlCalls<Calls>(port2, { lease: (request) => store.lease(...request) });
    const workerJob: Job = { shared, generation, port: port1, calls };
    const worker = new Worker(new URL(import.meta.url), { workerData: workerJob, transferList: [port1] });
    const [count] = (await once(worker, "message")) as [number];
    port2.close();
    return count;
  });
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
}

if (!isMainThread) await hammer(workerData as Job);
else
  describe("quota", () => {
    for (const calls of [1, 7, 1000, 100_000]) {
      test(`${calls} calls over three threads: exactly that many`, async () => {
        const store = new FakeStore();
        assert.equal(await admittedOverThreads(calls, store), calls);
        assert.equal(store.leased.get(`c@${10 * DAY}`), calls);
      });
    }

    test("counts down, refuses with the time to renewal, and renews", async () => {
      const f = fixture();
      f.now += 1000;
      assert.equal(await f.quota.take("c", 2, DAY, 0), 1);
      assert.equal(await f.quota.take("c", 2, DAY, 0), 0);
      assert.equal(f.quota.take("c", 2, DAY, 0), -(DAY - 1000));
      f.now = 11 * DAY;
      assert.equal(await f.quota.take("c", 2, DAY, 0), 1);
    });

    test("windows start at multiples of the period since the anchor, which may lie ahead", async () => {
      const f = fixture();
      f.now = 1000;
      await f.quota.take("c", 1, 300, 50);
      assert.equal(f.quota.take("c", 1, 300, 50), -250);
      await f.quota.take("d", 1, 300, 5000);
      assert.equal(f.quota.take("d", 1, 300, 5000), -100);
    });

    test("period 0 never renews", async () => {
      const f = fixture();
      assert.equal(await f.quota.take("c", 1, 0, 0), 0);
      f.now += 1000 * DAY;
      assert.equal(f.quota.take("c", 1, 0, 0), -Infinity);
    });

    test("within a lease a call is synchronous; leases are a hundredth, at most 1000", async () => {
      const f = fixture();
      assert.equal(await f.quota.take("c", 1000, DAY, 0), 999);
      for (let i = 0; i < 9; i++) assert.equal(f.quota.take("c", 1000, DAY, 0), 998 - i);
      assert.equal(f.store.calls, 1);
      assert.equal(await f.quota.take("c", 1000, DAY, 0), 989);
      await f.quota.take("big", 2 ** 31 - 1, DAY, 0);
      assert.equal(f.store.leased.get(`big@${10 * DAY}`), 1000);
    });

    test("requests that wait for the same lease share one call", async () => {
      const f = fixture();
      const takes = await Promise.all(Array.from({ length: 10 }, () => f.quota.take("c", 1000, DAY, 0)));
      assert.deepEqual(
        takes.toSorted((a, b) => a - b),
        [990, 991, 992, 993, 994, 995, 996, 997, 998, 999],
      );
      assert.equal(f.store.calls, 1);
    });

    for (const cap of [true, false]) {
      test(`after a restart what was leased counts as used; a store that ${cap ? "caps" : "only adds"}`, async () => {
        const store = new FakeStore(cap);
        const before = await admitted(fixture(store).quota, 1005, 25);
        const after = await admitted(fixture(store).quota, 1005, 2000);
        assert.equal(before, 25);
        assert.ok(before + after <= 1005, "a crash must not give calls back");
        assert.ok(before + after >= 1005 - 11, "a crash may lose one lease");
        assert.equal(await admitted(fixture(store).quota, 1005, 10), 0);
      });
    }

    test("two processes on one store never pass more than the limit together", async () => {
      const a = fixture();
      const other = fixture(a.store);
      let count = 0;
      for (let i = 0; i < 600; i++) count += (await admitted(a.quota, 500, 1)) + (await admitted(other.quota, 500, 1));
      assert.ok(count <= 500 && count >= 490, `${count}`);
    });

    test("a limit that was lowered holds at once, a raised one too", async () => {
      const f = fixture();
      assert.equal(await admitted(f.quota, 100, 60), 60);
      assert.ok((await f.quota.take("c", 50, DAY, 0)) < 0);
      assert.equal(await admitted(f.quota, 200, 300), 140);
    });

    test("a failing store refuses, and is asked again the next time", async () => {
      let fail = true;
      const store = new FakeStore();
      const lease: LeaseQuota = (...a) => (fail ? Promise.reject(new Error("disk")) : store.lease(...a));
      const f = fixture(store, 64, lease);
      await assert.rejects(Promise.resolve(f.quota.take("c", 5, DAY, 0)), { code: "store-unavailable" });
      fail = false;
      assert.equal(await f.quota.take("c", 5, DAY, 0), 4);
    });

    for (const answer of [
      { leased: 0, granted: 0 },
      { leased: 1, granted: 2 },
      { leased: Number.NaN, granted: 1 },
      { leased: 5, granted: -1 },
    ]) {
      test(`a senseless lease refuses: ${JSON.stringify(answer)}`, async () => {
        const f = fixture(new FakeStore(), 64, () => Promise.resolve(answer));
        await assert.rejects(Promise.resolve(f.quota.take("c", 5, DAY, 0)), { code: "store-unavailable" });
      });
    }

    test("a full table refuses new counters, keeps the old, and takes new ones when windows have ended", async () => {
      const f = fixture(new FakeStore(), 4);
      let refused = 0;
      for (let i = 0; i < 100; i++) {
        await Promise.resolve(f.quota.take(`k${i}`, 2, DAY, 0)).catch((error: unknown) => {
          assert.equal((error as { code: string }).code, "store-unavailable");
          refused++;
        });
      }
      assert.ok(refused >= 100 - 32);
      assert.equal(await f.quota.take("k0", 2, DAY, 0), 0);
      f.now += DAY;
      assert.equal(await f.quota.take("fresh", 2, DAY, 0), 1);
    });

    test("a clock a little behind stays in the window; one set far back is followed", async () => {
      const f = fixture();
      assert.equal(await f.quota.take("c", 1, 1000, 0), 0);
      f.now -= 1;
      assert.equal(f.quota.take("c", 1, 1000, 0), -1001);
      f.now -= 100 * DAY;
      assert.equal(await f.quota.take("c", 1, 1000, 0), 0);
      f.now += 100 * DAY + 1;
      assert.ok((await f.quota.take("c", 1, 1000, 0)) < 0, "the store remembers the window");
    });

    test("locks of a thread that died are cleared, those of others are not", async () => {
      const f = fixture();
      const locks = new Int32Array(f.shared.table, 0, f.shared.buckets).fill(7);
      locks[0] = 8;
      assert.equal(clearQuotaLocks(f.shared, 7), f.shared.buckets - 1);
      assert.equal(locks[0], 8);
      assert.equal(clearQuotaLocks(f.shared, 8), 1);
      assert.equal(await f.quota.take("c", 1, DAY, 0), 0);
    });

    test("more than one at a time: all or none, and what has happened already as far as there is room", async () => {
      const f = fixture();
      const huge = 5_000_000_000_000;
      assert.equal(await f.quota.take("c", huge, DAY, 0, 0), huge);
      assert.equal(await f.quota.take("c", huge, DAY, 0, huge - 10), 10);
      assert.equal(await f.quota.take("c", huge, DAY, 0, 11), -DAY);
      assert.equal(await f.quota.take("c", huge, DAY, 0, 4), 6);
      assert.equal(await f.quota.add("c", huge, DAY, 0, 1000), 0);
      assert.equal(await f.quota.take("c", huge, DAY, 0, 0), -DAY);
      assert.equal([...f.store.leased.values()][0], huge);
    });

    test("looking only knows of what was used before a restart", async () => {
      const store = new FakeStore();
      await fixture(store).quota.add("c", 100, DAY, 0, 100);
      assert.equal(await fixture(store).quota.take("c", 100, DAY, 0, 0), -DAY);
    });

    test("no calls, and periods that make no sense", async () => {
      const f = fixture();
      assert.equal(f.quota.take("c", 0, DAY, 0), -DAY);
      assert.equal(f.quota.take("c", Number.NaN, DAY, 0), -DAY);
      await assert.rejects(Promise.resolve(f.quota.take("c", 1, Number.NaN, 0)), { code: "internal" });
      await assert.rejects(Promise.resolve(f.quota.take("c", 1, -1, 0)), { code: "internal" });
    });
  });
