import type { Buffer } from "node:buffer";

/** A record stands from `start` to `end`. */
export type TakeRecord = (bytes: Buffer, start: number, end: number) => void;

/**
 * One worker's stream of records, as the writer sees it. The composition root puts rings in shared memory behind it.
 */
export interface RecordFeed {
  /** Hands over at most `max` records, oldest first, and returns how many. The bytes are good during the call only. */
  drain(max: number, each: TakeRecord): number;
  /** Records this feed had to discard since it was last asked. */
  takeLost(): number;
  /** The first `records` records of this feed, counted from its start, are on disk or told as lost there. */
  publishDurable(records: number): void;
  /** The disk refuses records, or takes them again. */
  publishFailed(failed: boolean): void;
}

export interface FeedWaiter {
  /**
   * Waits `timeoutMs`, or less when a feed should be drained at once (it is filling up) or the writer is to stop.
   * A promise must be what it gives where stopping needs messages.
   */
  waitForMore(timeoutMs: number): Promise<void> | void;
  /** Waits so many milliseconds, parts of one included, whatever comes meanwhile. */
  rest(forMs: number): void;
}
