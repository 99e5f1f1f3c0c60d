import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import { readCheckpoint } from "./merkle/checkpoint.ts";
import { verifyAudit } from "./read/verify.ts";
import type { SegmentWriterOptions } from "./segment-writer.ts";
import { testLogKey } from "./testing/signed-audit.ts";
import { FailingDisk, ManualClock, MemoryFeed, openWriter, shortRecord, temporaryFolder } from "./testing/doubles.ts";
import { runWriter } from "./writer-loop.ts";

/** Lets the test decide when the writer's pause is over. */
class ManualWaiter {
  readonly pauses: number[] = [];
  readonly rests: number[] = [];
  #resume: (() => void) | undefined;

  waitForMore(timeoutMs: number): Promise<void> {
    this.pauses.push(timeoutMs);
    return new Promise((resolve) => {
      this.#resume = resolve;
    });
  }

  rest(forMs: number): void {
    this.rests.push(forMs);
  }

  /** One turn of the loop. */
  async turn(): Promise<void> {
    const before = this.pauses.length;
    this.#resume?.();
    while (this.pauses.length === before) await setImmediate();
  }

  resume(): void {
    this.#resume?.();
  }
}

function start(
  folder: string,
  feeds: MemoryFeed[],
  durability: "batched" | "strict" = "batched",
  signed: Pick<SegmentWriterOptions, "signer" | "onCheckpoint"> = {},
) {
  const clock = new ManualClock();
  const disk = new FailingDisk();
  const waiter = new ManualWaiter();
  const stop = new AbortController();
  const writer = openWriter(folder, { clock, disk, ...signed });
  const ended = runWriter({
    feeds,
    waiter,
    writer,
    clock,
    flushMs: 100,
    syncMs: 1000,
    durability,
    signal: stop.signal,
  });
  const end = (): Promise<void> => {
    stop.abort();
    waiter.resume();
    return ended;
  };
  return { clock, disk, waiter, writer, end };
}

describe("writer loop", () => {
  it("writes all feeds within the flush time, and syncs within the sync time", async (t) => {
    const folder = temporaryFolder(t);
    const feeds = [new MemoryFeed(), new MemoryFeed()];
    const { clock, disk, waiter, end } = start(folder, feeds);
    const syncsBefore = disk.syncs;
    for (let count = 0; count < 10; count += 1) feeds[count % 2]?.waiting.push(shortRecord(count));
    await waiter.turn();
    assert.ok(waiter.pauses.every((pause) => pause < 100));
    assert.equal((await verifyAudit(folder)).records, 10);
    assert.deepEqual([disk.syncs - syncsBefore, feeds[0]?.durable], [0, 0]);
    clock.elapsed += 900;
    await waiter.turn();
    assert.deepEqual([disk.syncs - syncsBefore, feeds[0]?.durable, feeds[1]?.durable], [1, 5, 5]);
    clock.elapsed += 5000;
    await waiter.turn();
    assert.equal(disk.syncs - syncsBefore, 1, "nothing new, nothing to sync");
    await end();
  });

  it("drains what is left when it is told to stop, and closes the record", async (t) => {
    const folder = temporaryFolder(t);
    const feed = new MemoryFeed();
    const { end } = start(folder, [feed]);
    for (let count = 0; count < 5000; count += 1) feed.waiting.push(shortRecord(count));
    await end();
    const result = await verifyAudit(folder);
    assert.deepEqual([result.ok, result.records, result.closed, feed.durable], [true, 5000, true, 5000]);
  });

  it("publishes nothing as durable while the disk fails", async (t) => {
    const folder = temporaryFolder(t);
    const feed = new MemoryFeed();
    const { clock, disk, waiter, end } = start(folder, [feed]);
    disk.failing = "sync";
    feed.waiting.push(shortRecord(1));
    clock.elapsed += 1000;
    await waiter.turn();
    assert.equal(feed.durable, 0);
    disk.failing = "nothing";
    clock.elapsed += 1000;
    await waiter.turn();
    assert.equal(feed.durable, 1);
    await end();
  });

  it("tells of what a feed discarded, and takes feeds that come later", async (t) => {
    const folder = temporaryFolder(t);
    const feeds = [new MemoryFeed()];
    const { waiter, end } = start(folder, feeds);
    await waiter.turn();
    const late = new MemoryFeed();
    late.lost = 4;
    late.waiting.push(shortRecord(1));
    feeds.push(late);
    await end();
    const result = await verifyAudit(folder);
    assert.deepEqual([result.records, result.gaps[0]?.why, result.gaps[0]?.lost, late.durable], [1, "feed-full", 4, 1]);
  });

  it("lets more records come to the next sync where many shared one, and never longer than 2 ms", async (t) => {
    const feed = new MemoryFeed();
    const { clock, disk, waiter, end } = start(temporaryFolder(t), [feed], "strict");
    const turnOf = async (records: number, syncMs: number): Promise<readonly number[]> => {
      disk.duringSync = () => void (clock.elapsed += syncMs);
      waiter.rests.length = 0;
      for (let count = 0; count < records; count += 1) feed.waiting.push(shortRecord(count));
      await waiter.turn();
      return waiter.rests.map((ms) => Math.round(ms * 100) / 100);
    };
    assert.deepEqual(await turnOf(8, 1.5), [1.5]);
    assert.deepEqual(await turnOf(0, 1.5), [], "nothing came");
    assert.deepEqual(await turnOf(7, 1.5), [], "few wait, and would wait for nobody");
    assert.deepEqual(await turnOf(30, 9), [2]);
    disk.failing = "sync";
    assert.deepEqual(await turnOf(30, 1), [], "the disk fails");
    disk.failing = "nothing";
    clock.elapsed += 1000;
    await waiter.turn();
    await end();
  });

  it("syncs each turn where somebody waits for it, and leaves in the feeds what the disk refuses", async (t) => {
    const folder = temporaryFolder(t);
    const feeds = [new MemoryFeed(), new MemoryFeed()];
    const { clock, disk, waiter, end } = start(folder, feeds, "strict");
    const [one, two] = feeds as [MemoryFeed, MemoryFeed];
    const before = disk.syncs;
    for (let count = 0; count < 5; count += 1) one.waiting.push(shortRecord(count));
    two.waiting.push(shortRecord(9));
    await waiter.turn();
    assert.deepEqual([disk.syncs - before, one.durable, two.durable], [1, 5, 1], "one sync for all of them");
    await waiter.turn();
    assert.equal(disk.syncs - before, 1, "nothing new, nothing to sync");
    disk.failing = "write";
    one.waiting.push(shortRecord(10));
    await waiter.turn();
    assert.deepEqual([one.failed, two.failed, one.durable], [true, true, 5]);
    two.waiting.push(shortRecord(11));
    await waiter.turn();
    assert.equal(two.waiting.length, 1);
    disk.failing = "nothing";
    clock.elapsed += 1000;
    await waiter.turn();
    await waiter.turn();
    assert.deepEqual([one.failed, one.durable, two.durable], [false, 6, 2]);
    await end();
    const { ok, records, gapCount } = await verifyAudit(folder);
    assert.deepEqual([ok, records, gapCount], [true, 8, 0]);
  });

  it("signs the last of a burst, though nothing comes behind it", async (t) => {
    for (const durability of ["batched", "strict"] as const) {
      const feed = new MemoryFeed();
      const notes: string[] = [];
      const onCheckpoint = (note: string): void => void notes.push(note);
      const signed = { signer: testLogKey().signer, onCheckpoint };
      const { clock, waiter, writer, end } = start(temporaryFolder(t), [feed], durability, signed);
      feed.waiting.push(shortRecord(1), shortRecord(2));
      clock.elapsed += 950;
      await waiter.turn();
      const { seq } = writer.status().head;
      assert.equal(notes.length, 1, "too soon after that of the start");
      clock.elapsed += 1000;
      await waiter.turn();
      assert.deepEqual([readCheckpoint(notes.at(-1) ?? "")?.size, notes.length], [seq, 2], durability);
      clock.elapsed += 5000;
      await waiter.turn();
      assert.equal(notes.length, 2, "and no other, while there is nothing new");
      await end();
    }
  });
});
