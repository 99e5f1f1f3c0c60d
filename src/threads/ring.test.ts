import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { createDoorbell, Doorbell } from "./doorbell.ts";
import { attachRingReader, type RingReader } from "./ring-reader.ts";
import { attachRingWriter, type RingWriter } from "./ring-writer.ts";
import { createRing, type SharedRing } from "./ring.ts";

/** The record's text depends on its number, so that anything torn or lost shows. */
function recordOf(i: number): string {
  return `${i}:${["ä", "x", "😀"][i % 3] ?? ""}${"payload ".repeat((i * 7919) % 40)}:${i}`;
}

interface Job {
  readonly ring: SharedRing;
  /** 0: without end. */
  readonly records: number;
  /** Wait for each hundredth to be durable. */
  readonly strict: boolean;
}

async function produce(job: Job): Promise<void> {
  const writer = attachRingWriter(job.ring);
  for (let i = 1; job.records === 0 || i <= job.records; i++) {
    while (writer.tryPush(recordOf(i)) === 0) await writer.whenSpace();
    if (job.strict && i % 100 === 0) {
      await writer.whenDurable(i);
      assert.ok(writer.durable >= i);
    }
  }
  parentPort?.postMessage(writer.sequence, []);
}

function ringPair(bytes: number): { writer: RingWriter; reader: RingReader; ring: SharedRing } {
  const ring = createRing({ bytes });
  return { ring, writer: attachRingWriter(ring), reader: attachRingReader(ring) };
}

function drained(reader: RingReader, max: number = Infinity): string[] {
  const records: string[] = [];
  reader.drain(max, (bytes, start, end) => records.push(bytes.toString("utf8", start, end)));
  return records;
}

function startWorker(t: TestContext, job: Job): Worker {
  const worker = new Worker(new URL(import.meta.url), { workerData: job });
  t.after(() => worker.terminate());
  return worker;
}

if (!isMainThread) {
  // The wait on a bell alone would let this thread end.
  const alive = setInterval(() => {}, 1000);
  await produce(workerData as Job);
  clearInterval(alive);
} else
  describe("ring", () => {
    test("records come out as they went in, around the end of the ring too", () => {
      const { writer, reader } = ringPair(4096);
      let next = 1;
      for (let i = 1; i <= 3000; i++) {
        const record = i % 2 === 0 ? recordOf(i) : Buffer.from(recordOf(i));
        assert.equal(writer.tryPush(record), i);
        if (i % 5 === 0) for (const text of drained(reader)) assert.equal(text, recordOf(next++));
      }
      assert.equal(next, 3001);
      assert.equal(reader.sequence, 3000);
      assert.ok(reader.isEmpty);
    });

    test("empty records and records of every length at every offset", () => {
      const { writer, reader } = ringPair(4096);
      for (let length = 0; length <= writer.maxRecordBytes; length++) {
        assert.notEqual(writer.tryPush("x".repeat(length)), 0);
        assert.deepEqual(drained(reader), ["x".repeat(length)]);
      }
    });

    test("full: 0 and nothing written; too large: an error", async () => {
      const { writer, reader } = ringPair(4096);
      while (writer.tryPush("y".repeat(100)) !== 0);
      const full = writer.sequence;
      assert.equal(writer.tryPush("y".repeat(100)), 0);
      assert.equal(writer.sequence, full);
      assert.throws(() => writer.tryPush("z".repeat(writer.maxRecordBytes + 1)), { code: "audit-unavailable" });
      assert.throws(() => writer.tryPush("ä".repeat(writer.maxRecordBytes / 2 + 1)), { code: "audit-unavailable" });
      let resolved = false;
      const waiting = Promise.all([writer.whenSpace(), writer.whenSpace()]).then(() => (resolved = true));
      drained(reader, 2);
      await sleep(5);
      assert.equal(resolved, false, "room for some records is not room for any");
      assert.equal(drained(reader, Infinity).length, full - 2);
      await waiting;
      assert.notEqual(writer.tryPush("z".repeat(writer.maxRecordBytes)), 0);
    });

    test("positions hold when 2^32 bytes have passed", () => {
      const shared = createRing({ bytes: 4096 });
      const near = 2 ** 32 - 2048;
      new Int32Array(shared.buffer).set([near, near], 0);
      const [writer, reader] = [attachRingWriter(shared), attachRingReader(shared)];
      for (let i = 1; i <= 200; i++) {
        assert.equal(writer.tryPush(recordOf(i)), i);
        assert.deepEqual(drained(reader), [recordOf(i)]);
      }
    });

    test("a record whose taker throws comes again", () => {
      const { writer, reader } = ringPair(4096);
      for (const text of ["a", "b", "c"]) writer.tryPush(text);
      const taken: string[] = [];
      const take = (bytes: Buffer, start: number, end: number): void => {
        if (taken.length === 1) throw new Error("disk");
        taken.push(bytes.toString("utf8", start, end));
      };
      assert.throws(() => reader.drain(10, take), /disk/);
      assert.equal(reader.sequence, 1);
      assert.deepEqual(drained(reader), ["b", "c"]);
    });

    test("durable: told in order, at once when it is already; failed: refused until it recovers", async () => {
      const { writer, reader } = ringPair(4096);
      for (const text of ["a", "b", "c"]) writer.tryPush(text);
      assert.equal(writer.durable, 0);
      const order: number[] = [];
      const waits = [2, 1].map((n) => writer.whenDurable(n).then(() => order.push(n)));
      drained(reader);
      reader.publishDurable(1);
      await waits[1];
      assert.deepEqual(order, [1]);
      reader.publishDurable(2);
      await waits[0];
      assert.equal(writer.durable, 2);
      const lost = assert.rejects(writer.whenDurable(3), { code: "audit-unavailable" });
      reader.publishFailed(true);
      await lost;
      assert.ok(writer.failed);
      await writer.whenDurable(2);
      await assert.rejects(writer.whenDurable(3), { code: "audit-unavailable" });
      reader.publishFailed(false);
      const late = writer.whenDurable(3);
      reader.publishDurable(3);
      await late;
    });

    test("a ring has one producer for its life", () => {
      const { ring } = ringPair(4096);
      assert.throws(() => attachRingWriter(ring), { code: "internal" });
    });

    test("two workers into two rings with one bell; the consumer sleeps when there is nothing", async (t) => {
      const bell = createDoorbell();
      const rings = [createRing({ bytes: 4096, bell }), createRing({ bytes: 8192, bell })];
      const readers = rings.map((ring) => ({ reader: attachRingReader(ring), next: 1 }));
      const workers = rings.map((ring, i) => startWorker(t, { ring, records: 20_000, strict: i === 1 }));
      const done = workers.map((worker) => once(worker, "message"));
      const sleeper = new Doorbell(bell);
      const records = (): number => readers.reduce((sum, each) => sum + each.next - 1, 0);
      while (records() < 40_000) {
        for (const each of readers) {
          for (const text of drained(each.reader, 64)) assert.equal(text, recordOf(each.next++));
          each.reader.publishDurable(each.reader.sequence);
        }
        await sleeper.sleep(() => records() === 40_000 || readers.some((each) => !each.reader.isEmpty));
      }
      assert.deepEqual(await Promise.all(done), [[20_000], [20_000]]);
    });

    test("a worker killed at any moment leaves only whole records", async (t) => {
      for (let round = 0; round < 6; round++) {
        const ring = createRing({ bytes: 65_536 });
        const reader = attachRingReader(ring);
        const worker = startWorker(t, { ring, records: 0, strict: false });
        const check = (): void => {
          let next = reader.sequence + 1;
          for (const text of drained(reader)) assert.equal(text, recordOf(next++));
        };
        while (reader.sequence < 2000 + round * 777) {
          check();
          await sleep(0);
        }
        await worker.terminate();
        check();
        assert.ok(reader.isEmpty);
      }
    });
  });
