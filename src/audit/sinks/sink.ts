import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "#model/ports.ts";
import type { Found } from "#audit/read/search-query.ts";
import { nextStretch, type RecordPlace } from "#audit/read/stretch.ts";
import { batchesOf } from "./batches.ts";
import type { Cursor, CursorFile } from "./cursor-file.ts";
import type { Deliver, Delivered, SentRecord } from "./delivery.ts";
import { type PlacedRecord, placedRecords } from "./placed-records.ts";
import { resume } from "./resume.ts";

/** What a sink tells of itself. */
export type SinkNews =
  | { readonly type: "taken"; readonly records: number; readonly rejected: number; readonly why: string | null }
  | { readonly type: "failed"; readonly why: string }
  /** All in front of this segment has been taken, and that is kept. */
  | { readonly type: "at"; readonly segment: number }
  /** The oldest record that was read and is not taken, milliseconds since the epoch; null: there is none. */
  | { readonly type: "waits"; readonly since: number | null };

export interface SinkOptions {
  readonly directory: string;
  readonly cursor: Pick<CursorFile, "read" | "write">;
  readonly from: "now" | "oldest";
  readonly matches: (record: Found) => boolean;
  readonly textOf: (record: PlacedRecord) => string;
  readonly deliver: Deliver;
  readonly most: { readonly records: number; readonly bytes: number };
  readonly everyMs: number;
  readonly clock: Pick<Clock, "now" | "mono">;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly onNews: (news: SinkNews) => void;
  readonly firstPauseMs?: number;
}

const longestPauseMs = 60_000;
/** Of records that nobody wants only the place is kept, and that not at each look. */
const keepEveryMs = 10_000;

/**
 * Gives the record to a receiver, each record at least once and in order: the cursor is moved when a batch has been taken,
 * and a batch that is not taken is tried until it is.
 */
export class Sink {
  readonly #options: SinkOptions;
  readonly #stop = new AbortController();
  #isLast = false;
  readonly #running: Promise<void>;
  #cursor: Cursor = { segment: 0, offset: 0, hash: null };
  #kept: Cursor | null = null;
  #keptAt = -Infinity;

  constructor(options: SinkOptions) {
    this.#options = options;
    this.#running = this.#run();
  }

  /** @param last sends what there is, as long as the receiver takes it, before it ends */
  async close(last: boolean): Promise<void> {
    this.#isLast = last;
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!(await this.#guarded(() => this.#open()))) {
      if (signal.aborted) return;
      await this.#pause(this.#options.everyMs);
    }
    while (!signal.aborted) {
      const more = await this.#guarded(() => this.#advance());
      if (!more) await this.#pause(this.#options.everyMs);
    }
    // Once more for what came last: each batch has one try.
    while (this.#isLast && (await this.#guarded(() => this.#advance())));
    if (this.#kept !== this.#cursor) await this.#guarded(() => this.#keep(this.#cursor));
  }

  async #open(): Promise<boolean> {
    const { cursor, directory, from } = this.#options;
    const kept = await cursor.read();
    const resumed = await resume(directory, kept, from);
    if (resumed.why !== null) this.#options.onNews({ type: "failed", why: resumed.why });
    // Before anything is sent: a crash must not move what `now` was.
    await this.#keep(resumed.cursor);
    return true;
  }

  /** @returns whether there is more to do at once */
  async #advance(): Promise<boolean> {
    const { directory, matches, textOf, most, onNews } = this.#options;
    const stretch = await nextStretch(directory, this.#cursor, most.bytes);
    const { records, hash } = placedRecords(stretch);
    const wanted = records
      .filter(({ record }) => matches(record))
      .map((placed): SentRecord => ({ ...placed, text: textOf(placed) }));
    for (const batch of batchesOf(wanted, most)) {
      if (this.#stop.signal.aborted && !this.#isLast) return false;
      onNews({ type: "waits", since: Date.parse(batch[0]?.record.time ?? "") });
      if (!(await this.#deliver(batch))) return false;
    }
    onNews({ type: "waits", since: null });
    await this.#passOver(stretch.end, hash);
    return stretch.more;
  }

  async #passOver(end: RecordPlace, hash: string | null): Promise<void> {
    const cursor = { ...end, hash };
    if (end.segment === this.#cursor.segment && end.offset === this.#cursor.offset) return;
    if (this.#options.clock.mono() - this.#keptAt >= keepEveryMs) await this.#keep(cursor);
    else this.#cursor = cursor;
  }

  /** @returns false: the gateway stops, and it is not taken */
  async #deliver(batch: readonly SentRecord[]): Promise<boolean> {
    const { firstPauseMs = 1000, random, onNews } = this.#options;
    for (let pause = firstPauseMs; ; pause = Math.min(pause * 2, longestPauseMs)) {
      const result: Delivered = await this.#options.deliver(batch);
      if (result.outcome === "taken") {
        const { rejected, why } = result;
        onNews({ type: "taken", records: batch.length - rejected, rejected, why });
        await this.#keepBehind(batch);
        return true;
      }
      onNews({ type: "failed", why: result.why });
      if (result.outcome === "too-large" && batch.length > 1) return this.#deliverHalves(batch);
      if (this.#stop.signal.aborted) return false;
      const asked = result.outcome === "retry" ? (result.afterMs ?? 0) : 0;
      await this.#pause(Math.max(asked, pause * (0.5 + random() / 2)));
    }
  }

  async #deliverHalves(batch: readonly SentRecord[]): Promise<boolean> {
    const half = Math.ceil(batch.length / 2);
    return (await this.#deliver(batch.slice(0, half))) && this.#deliver(batch.slice(half));
  }

  async #keepBehind(batch: readonly SentRecord[]): Promise<void> {
    const last = batch.at(-1);
    if (last !== undefined) await this.#keep({ ...last.end, hash: last.record.hash });
  }

  async #keep(cursor: Cursor): Promise<void> {
    this.#cursor = cursor;
    await this.#options.cursor.write(cursor);
    if (cursor.segment !== this.#kept?.segment) this.#options.onNews({ type: "at", segment: cursor.segment });
    this.#kept = cursor;
    this.#keptAt = this.#options.clock.mono();
  }

  /** A disk that fails is no reason to end: false, and it is tried again. */
  async #guarded(work: () => Promise<boolean | void>): Promise<boolean> {
    try {
      return (await work()) ?? true;
    } catch (error) {
      this.#options.onNews({ type: "failed", why: String(error) });
      return false;
    }
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#stop.signal }).catch(() => undefined);
  }
}
