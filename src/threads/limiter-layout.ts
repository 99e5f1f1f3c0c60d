import type { Random } from "#model/ports.ts";

/** Size classes of records: rings of 16, 64 and 256 timestamps, and sub-windows for larger limits. */
export const WINDOWED = 3;
export const CLASSES = 4;
export const SUB_WINDOWS = 64;
/** One more than the sub-windows: the current one is partial, and an event must count for its whole period. */
export const CELLS = 65;

/** Record: [state, family, payload…]. */
export const RECORD_FAMILY = 1;
export const RECORD_HEADER = 2;
const RING_SIZES = [16, 64, 256] as const;
export const STRIDES: readonly number[] = [...RING_SIZES.map((size) => size + RECORD_HEADER), CELLS + RECORD_HEADER];

export const LARGEST_STRIDE: number = Math.max(...STRIDES);

export const BUCKET_SLOTS = 16;
/** Slot: [hash low, hash high, expiry tick, record reference or 0]. */
export const SLOT_WORDS = 4;

export const FAMILIES = 1024;
export const FAMILY_WORDS = 8;
/** Accounts: [lock, families, alarms, sweep cursor], then per class [free head, bumped, live], then the families. */
export const ACCOUNT_CLASSES = 4;
export const ACCOUNT_CLASS_WORDS = 4;
export const ACCOUNT_FAMILIES: number = ACCOUNT_CLASSES + CLASSES * ACCOUNT_CLASS_WORDS;

/** Expiry is kept in ticks of about a second: a 32-bit tick lasts for decades where milliseconds last 49 days. */
export const TICK_MS = 1024;

/**
 * The limiter's shared memory. Plain and cloneable: post it to workers as it is.
 *
 * All of it is reserved at once, at its bound, and does not double: a SharedArrayBuffer that nobody has touched costs
 * no resident memory (measured on Linux: 512 MB raised the process by 0.6 MB), so a growing table would save nothing
 * but page-table entries, and would need every worker's consent to a move. Records are handed out from the start of
 * their pool, so they stay dense. The index is four times the number of records: load is at most 25 %, where a bucket
 * of 16 overflows about once in a million.
 */
export interface SharedLimiter {
  /** Locks of all buckets, then their slots. */
  readonly index: SharedArrayBuffer;
  readonly records: SharedArrayBuffer;
  readonly accounts: SharedArrayBuffer;
  readonly buckets: number;
  /** Records of each class. */
  readonly capacities: readonly number[];
  /** Monotonic milliseconds that all threads count from. */
  readonly origin: number;
  readonly seed: readonly [number, number];
}

export interface LimiterOptions {
  /** Live counters of the smallest class; half as many of the middle and windowed ones, an eighth of the largest. Default 131,072. */
  readonly keys?: number;
  /** `clock.mono()` at creation. */
  readonly origin: number;
  readonly random: Random;
}

/** Made once by main. At most 80 MB resident with the default size, when every counter is in use. */
export function createLimiter(options: LimiterOptions): SharedLimiter {
  const keys = options.keys ?? 131_072;
  const capacities = [keys, keys / 2, keys / 8, keys / 2].map((count) => Math.max(2, Math.ceil(count)));
  const total = capacities.reduce((sum, count) => sum + count, 0);
  const buckets = Math.ceil((total * 4) / BUCKET_SLOTS);
  const seed = new DataView(Uint8Array.from(options.random.bytes(8)).buffer);
  return {
    index: new SharedArrayBuffer(4 * (buckets + buckets * BUCKET_SLOTS * SLOT_WORDS)),
    records: new SharedArrayBuffer(4 * overflowBase(capacities, FAMILIES)),
    accounts: new SharedArrayBuffer(4 * (ACCOUNT_FAMILIES + FAMILIES * FAMILY_WORDS)),
    buckets,
    capacities,
    origin: options.origin,
    seed: [seed.getInt32(0), seed.getInt32(4)],
  };
}

export function classOf(calls: number): number {
  if (calls <= RING_SIZES[0]) return 0;
  if (calls <= RING_SIZES[1]) return 1;
  return calls <= RING_SIZES[2] ? 2 : WINDOWED;
}

/** First word of each class's pool. */
export function poolBases(capacities: readonly number[]): readonly number[] {
  let base = 0;
  return capacities.map((count, cls) => {
    const start = base;
    base += count * (STRIDES[cls] ?? 0);
    return start;
  });
}

/** Every family has one record for the keys that found no room; it is as large as the largest class. */
export function overflowBase(capacities: readonly number[], family: number): number {
  const pools = capacities.reduce((sum, count, cls) => sum + count * (STRIDES[cls] ?? 0), 0);
  return pools + family * LARGEST_STRIDE;
}

/** The first tick at which nothing taken now can still count, with a tick to spare for rounding. */
export function expiryTick(now: number, period: number): number {
  return (Math.floor((now + period + period / SUB_WINDOWS) / TICK_MS) + 2) | 0;
}

/** Whether a tick has passed; by difference, so that it holds across the wrap. */
export function tickPassed(now: number, tick: number): boolean {
  return ((Math.floor(now / TICK_MS) - tick) | 0) >= 0;
}
