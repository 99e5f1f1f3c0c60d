import { setImmediate } from "node:timers/promises";
import type { AuditSettings } from "#model/definition.ts";
import type { Clock } from "#model/ports.ts";
import type { FeedWaiter, RecordFeed, TakeRecord } from "./feed.ts";
import type { SegmentWriter } from "./segment-writer.ts";
import { SharedSlots } from "./shared/shared-slots.ts";

export interface WriterLoopOptions {
  /** Read anew each turn: a feed may be added when a worker is replaced. One that is removed must be drained. */
  readonly feeds: readonly RecordFeed[];
  readonly waiter: FeedWaiter;
  readonly writer: SegmentWriter;
  readonly clock: Clock;
  /** A record is in the file this long after it was handed over: `AuditSettings.flushMs`. */
  readonly flushMs: number;
  /** And on the disk this long after: `AuditSettings.syncMs`. */
  readonly syncMs: number;
  /** Whether somebody waits for the disk: asked once a turn, before what they have handed over is drained. Default: nobody. */
  readonly isSyncWanted?: () => boolean;
  /** `strict`: somebody waits for each record to be on the disk. Then `waiter` has to wake at once when there is one. */
  readonly durability: AuditSettings["durability"];
  /** Aborted once no feed will get more: what they hold is written, the record is closed, and the loop ends. */
  readonly signal: AbortSignal;
}

/**
 * Of the flush time: a record that comes just after a turn waits one pause and one write. A turn costs as much as a hundred
 * records, since the thread comes back to caches that others have filled meanwhile.
 */
const pauseShare = 0.75;

/**
 * Strict: from so many records on that shared a sync, more are on their way, and the next sync waits for as long as this one
 * took, so that it is shared by more of them. A sync costs a quarter of a millisecond of CPU however few it is for. Fewer
 * records are those of few callers, for whom this would only be waiting (as PostgreSQL's `commit_siblings`).
 */
const crowd = 8;
/** The longest such pause. */
const longestRestMs = 2;

/** Records taken from one feed before the others have their turn. */
const turnRecords = 2048;

/** The writer thread's life: feeds to segments, each batch in one write, until it is told to stop. */
export async function runWriter(options: WriterLoopOptions): Promise<void> {
  const { waiter, signal, flushMs } = options;
  const loop = new WriterLoop(options);
  while (!signal.aborted) {
    const more = loop.turn();
    if (loop.restMs > 0) waiter.rest(loop.restMs);
    if (more) await setImmediate();
    else await waiter.waitForMore(flushMs * pauseShare);
  }
  loop.finish();
}

class WriterLoop {
  readonly #options: WriterLoopOptions;
  readonly #taken = new WeakMap<RecordFeed, number>();
  /** Each worker's records refer to what that worker has told. */
  readonly #appends = new WeakMap<RecordFeed, TakeRecord>();
  #syncedAt: number;
  #unsynced = false;
  #failed = false;
  /** Taken in this turn. */
  #count = 0;
  /** To be waited before the next turn, so that there are fewer syncs. */
  restMs = 0;

  constructor(options: WriterLoopOptions) {
    this.#options = options;
    this.#syncedAt = options.clock.mono();
  }

  /** One round: drain, write, and sync when it is time. True when a feed probably has more. */
  turn(): boolean {
    const isWanted = this.#options.isSyncWanted?.() === true;
    if (this.#options.durability === "strict") return this.#strictTurn();
    const more = this.#drain();
    this.#options.writer.flush();
    const due = this.#syncedAt + this.#options.syncMs - this.#options.flushMs;
    // Nothing may come for long after a burst, whose last second is signed all the same.
    const isOwed = this.#unsynced || this.#options.writer.isSignatureDue;
    if (isOwed && (isWanted || this.#options.clock.mono() >= due)) this.#sync();
    return more;
  }

  /** All that has come while the last sync was under way shares the next one. */
  #strictTurn(): boolean {
    this.#count = 0;
    this.restMs = 0;
    // What cannot be written stays where it is, and is not dropped: its worker waits, and is told.
    const more = this.#failed ? false : this.#drain();
    if (this.#unsynced || (!this.#failed && this.#options.writer.isSignatureDue)) {
      this.#sync();
      const tookMs = this.#options.clock.mono() - this.#syncedAt;
      if (this.#count >= crowd && !this.#failed) this.restMs = Math.min(tookMs, longestRestMs);
    }
    return more;
  }

  finish(): void {
    while (this.#drain());
    this.#sync();
    this.#options.writer.close();
  }

  #drain(): boolean {
    const { feeds, writer } = this.#options;
    let more = false;
    for (const feed of feeds) {
      const count = feed.drain(turnRecords, this.#appendOf(feed));
      writer.noteLost("feed-full", feed.takeLost());
      if (count === 0) continue;
      this.#taken.set(feed, (this.#taken.get(feed) ?? 0) + count);
      this.#unsynced = true;
      this.#count += count;
      more ||= count === turnRecords;
    }
    return more;
  }

  #appendOf(feed: RecordFeed): TakeRecord {
    const known = this.#appends.get(feed);
    if (known !== undefined) return known;
    const { writer } = this.#options;
    const slots = new SharedSlots();
    const append: TakeRecord = (bytes, start, end) => void writer.append(bytes, start, end, slots);
    this.#appends.set(feed, append);
    return append;
  }

  #sync(): void {
    this.#syncedAt = this.#options.clock.mono();
    const failed = !this.#options.writer.sync();
    if (failed !== this.#failed) for (const feed of this.#options.feeds) feed.publishFailed(failed);
    this.#failed = failed;
    if (failed) return;
    this.#unsynced = false;
    for (const feed of this.#options.feeds) feed.publishDurable(this.#taken.get(feed) ?? 0);
  }
}
