import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { once } from "node:events";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import type { KeyMatch } from "#model/ports.ts";
import { createKeyIndex, type KeyIndex, type SharedKeyIndex } from "./key-index.ts";
import { createKeyLookup, KeyIndexReader } from "./key-reader.ts";

const digestOf = (key: string): Uint8Array => hash("sha256", key, "buffer");

function matchOf(i: number, state: KeyMatch["state"] = "active"): KeyMatch {
  const scope = ["all", "product:starter", "api:bestellungen-größe"][i % 3] ?? "all";
  return { subscription: `sub-${i >> 1}`, scope, state, slot: i % 2 === 0 ? "primary" : "secondary" };
}

function filled(count: number, index: KeyIndex = createKeyIndex()): KeyIndex {
  for (let i = 0; i < count; i++) index.set(digestOf(`key-${i}`), matchOf(i));
  return index;
}

interface Job {
  readonly handle: SharedKeyIndex;
  /** [stop, rounds done, state of `flip` as last seen]. */
  readonly control: Int32Array;
}

/** Reads without end: keys 0–99 must always be there; `flip` may be in any state; `pair` has two fields that agree. */
function readOn(job: Job): void {
  const reader = new KeyIndexReader(job.handle);
  const stable = Array.from({ length: 100 }, (_, i) => ({ digest: digestOf(`key-${i}`), want: matchOf(i) }));
  const flip = digestOf("flip");
  const pair = digestOf("pair");
  const problems: string[] = [];
  parentPort?.on("message", (handle: SharedKeyIndex) => {
    reader.swap(handle);
    parentPort?.postMessage("swapped", []);
  });
  const round = (): void => {
    for (let pass = 0; pass < 100; pass++) {
      for (const { digest, want } of stable) {
        const got = reader.find(digest);
        if (got?.subscription !== want.subscription || got.scope !== want.scope) problems.push(JSON.stringify(got));
      }
      for (let look = 0; look < 100; look++) {
        const got = reader.find(pair);
        if (got !== undefined && got.subscription !== got.scope) problems.push(`torn: ${JSON.stringify(got)}`);
      }
      const state = reader.find(flip)?.state;
      Atomics.store(job.control, 2, state === undefined ? 0 : state === "active" ? 1 : 2);
      Atomics.add(job.control, 1, 1);
    }
    if (Atomics.load(job.control, 0) === 0) setImmediate(round);
    else finish();
  };
  const finish = (): void => {
    parentPort?.postMessage(problems.slice(0, 5), []);
    parentPort?.close();
  };
  round();
}

/** What the worker says of the flipping key, in a round begun after now. */
async function seenByWorker(control: Int32Array): Promise<number> {
  const from = Atomics.load(control, 1);
  while (Atomics.load(control, 1) < from + 2) await sleep(1);
  return Atomics.load(control, 2);
}

if (!isMainThread) readOn(workerData as Job);
else
  describe("key index", () => {
    test("100,000 keys: each finds its own match through growth, others find nothing", () => {
      let swaps = 0;
      const index = filled(100_000, createKeyIndex({ onSwap: () => swaps++ }));
      assert.equal(index.size, 100_000);
      assert.ok(swaps >= 5);
      const lookup = createKeyLookup(new KeyIndexReader(index.handle), digestOf);
      for (let i = 0; i < 100_000; i += 7) assert.deepEqual(lookup.find(`key-${i}`), matchOf(i));
      for (let i = 0; i < 1000; i++) assert.equal(lookup.find(`other-${i}`), undefined);
    });

    test("the same answer is the same object", () => {
      const lookup = createKeyLookup(new KeyIndexReader(filled(10).handle), digestOf);
      assert.equal(lookup.find("key-3"), lookup.find("key-3"));
    });

    test("a change and a removal show at the next look-up, on a table a reader has not swapped too", () => {
      const index = filled(800);
      const reader = new KeyIndexReader(index.handle);
      const first = index.handle.table;
      for (let i = 800; i < 3000; i++) index.set(digestOf(`key-${i}`), matchOf(i));
      assert.notEqual(index.handle.table, first);
      index.set(digestOf("key-5"), matchOf(5, "suspended"));
      assert.equal(index.remove(digestOf("key-6")), true);
      assert.equal(index.remove(digestOf("key-6")), false);
      for (const swapped of [false, true]) {
        if (swapped) reader.swap(index.handle);
        assert.deepEqual(reader.find(digestOf("key-5")), matchOf(5, "suspended"));
        assert.equal(reader.find(digestOf("key-6")), undefined);
        assert.deepEqual(reader.find(digestOf("key-7")), matchOf(7));
      }
      assert.equal(index.size, 2999);
    });

    test("keys that come and go neither fill the table nor lose others", () => {
      const index = filled(300);
      for (let i = 0; i < 20_000; i++) {
        index.set(digestOf(`temp-${i}`), matchOf(i));
        if (i >= 100) assert.ok(index.remove(digestOf(`temp-${i - 100}`)));
        if (i % 500 === 0) index.releaseOld();
      }
      assert.equal(index.size, 400);
      assert.ok(index.handle.table.rows.byteLength <= 40 * 2048);
      const reader = new KeyIndexReader(index.handle);
      for (let i = 0; i < 300; i++) assert.deepEqual(reader.find(digestOf(`key-${i}`)), matchOf(i));
      assert.equal(reader.find(digestOf("temp-5")), undefined);
      assert.deepEqual(reader.find(digestOf("temp-19999")), matchOf(19_999));
    });

    test("tells which keys were used since when, through growth, and nothing of keys that are gone", () => {
      const index = filled(500);
      const reader = new KeyIndexReader(index.handle);
      const used = (since: number): readonly string[] =>
        [...index.uses(since)]
          .flat()
          .map(({ digest, minute }) => `${Buffer.from(digest).toString("hex").slice(0, 8)} ${minute}`);
      const told = (key: string, minute: number): string =>
        `${Buffer.from(digestOf(key)).toString("hex").slice(0, 8)} ${minute}`;
      reader.find(digestOf("key-1"));
      assert.deepEqual(used(0), []);
      reader.minute = 100;
      for (const key of ["key-1", "key-2", "other", "key-1"]) reader.find(digestOf(key));
      reader.minute = 101;
      reader.find(digestOf("key-3"));
      assert.deepEqual(used(101), [told("key-3", 101)]);
      index.remove(digestOf("key-2"));
      for (let i = 500; i < 3000; i++) index.set(digestOf(`key-${i}`), matchOf(i));
      reader.find(digestOf("key-4"));
      index.releaseOld();
      assert.deepEqual(used(0).toSorted(), [told("key-1", 100), told("key-3", 101), told("key-4", 101)].toSorted());
      reader.swap(index.handle);
      reader.find(digestOf("key-1"));
      assert.deepEqual(used(101), [told("key-1", 101)]);
    });

    test("every byte that is kept counts", () => {
      const index = createKeyIndex();
      index.set(digestOf("k"), matchOf(1));
      const reader = new KeyIndexReader(index.handle);
      for (let byte = 0; byte < 28; byte++) {
        const near = Uint8Array.from(digestOf("k"));
        near[byte] = (near[byte] ?? 0) ^ 1;
        assert.equal(reader.find(near), undefined, `byte ${byte}`);
      }
      assert.equal(reader.find(digestOf("k").subarray(0, 31)), undefined);
    });

    test("empty and overlong keys are refused before they are hashed", () => {
      let hashed = 0;
      const lookup = createKeyLookup(new KeyIndexReader(filled(1).handle), (key) => {
        hashed++;
        return digestOf(key);
      });
      assert.equal(lookup.find(""), undefined);
      assert.equal(lookup.find("x".repeat(513)), undefined);
      assert.equal(hashed, 0);
      lookup.find("x".repeat(512));
      assert.equal(hashed, 1);
    });

    test("a key that comes again is hashed once, and refused at once when it is withdrawn; guesses are not kept", () => {
      const index = filled(3);
      const hashed: string[] = [];
      const lookup = createKeyLookup(new KeyIndexReader(index.handle), (key) => {
        hashed.push(key);
        return digestOf(key);
      });
      for (let times = 0; times < 3; times++) assert.deepEqual(lookup.find("key-1"), matchOf(1));
      for (let times = 0; times < 2; times++) assert.equal(lookup.find("guess"), undefined);
      assert.deepEqual(hashed, ["key-1", "guess", "guess"]);
      index.set(digestOf("key-1"), matchOf(1, "suspended"));
      assert.deepEqual(lookup.find("key-1"), matchOf(1, "suspended"));
      index.remove(digestOf("key-1"));
      assert.equal(lookup.find("key-1"), undefined);
    });

    test("a worker sees changes without a message, and reads on through growth", async () => {
      const swaps: SharedKeyIndex[] = [];
      const index = filled(800, createKeyIndex({ capacity: 900, onSwap: (handle) => swaps.push(handle) }));
      const control = new Int32Array(new SharedArrayBuffer(12));
      const worker = new Worker(new URL(import.meta.url), { workerData: { handle: index.handle, control } });
      assert.equal(await seenByWorker(control), 0);
      for (let round = 0; round < 5; round++) {
        index.set(digestOf("flip"), matchOf(1));
        assert.equal(await seenByWorker(control), 1);
        index.set(digestOf("flip"), matchOf(1, "suspended"));
        assert.equal(await seenByWorker(control), 2);
        index.remove(digestOf("flip"));
        assert.equal(await seenByWorker(control), 0);
      }
      for (let i = 0; i < 30_000; i++) index.set(digestOf(`key-${i}`), matchOf(i));
      index.set(digestOf("flip"), matchOf(1));
      assert.ok(swaps.length >= 3);
      const swapped = once(worker, "message");
      worker.postMessage(index.handle, []);
      assert.deepEqual(await swapped, ["swapped"]);
      index.releaseOld();
      assert.equal(await seenByWorker(control), 1);
      const pair = digestOf("pair");
      for (let i = 0; i < 300_000; i++) {
        const name = i % 2 === 0 ? "even" : "odd";
        index.set(pair, { subscription: name, scope: name, state: "active", slot: "primary" });
      }
      const report = once(worker, "message");
      const exited = once(worker, "exit");
      Atomics.store(control, 0, 1);
      assert.deepEqual(await report, [[]]);
      await exited;
    });
  });
