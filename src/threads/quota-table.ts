import { GatewayError } from "#model/errors.ts";
import type { Clock, Random } from "#model/ports.ts";
import { KeyedHash, reduce } from "./keyed-hash.ts";
import { acquire, clearLocks, release } from "./spin-lock.ts";

const BUCKET_SLOTS = 16;
/** Slot: [hash low, hash high] as 32-bit words, then [leased, free, window start, window end] as 64-bit floats: bytes are counted too. */
const SLOT_WORDS = 10;
const LOW = 0;
const HIGH = 1;
/** Counted in floats from the slot's start, which is two words a float. */
const LEASED = 1;
const FREE = 2;
const START = 3;
const END = 4;

/** A window that starts this far in the future was made by a clock that has since been set back. */
const BACKSTEP_MS = 60_000;

/** Answer of {@link QuotaTable.take}: no lease is left, and the limit is not reached. */
export const NEEDS_LEASE: number = Infinity;

/** The quota counters' shared memory. Plain and cloneable. Untouched parts cost no resident memory. */
export interface SharedQuota {
  /** Locks of all buckets (an even number, so that slots are 8-byte aligned), then their slots. */
  readonly table: SharedArrayBuffer;
  readonly buckets: number;
  readonly seed: readonly [number, number];
}

export interface QuotaOptions {
  /** Live counters; above it, chance decides which new ones find room, and at four times as many none does. Default 65,536 (10.5 MB at most). */
  readonly counters?: number;
  readonly random: Random;
}

export function createQuotaTable(options: QuotaOptions): SharedQuota {
  const counters = options.counters ?? 65_536;
  const buckets = 2 * Math.max(1, Math.ceil((counters * 4) / BUCKET_SLOTS / 2));
  const seed = new DataView(Uint8Array.from(options.random.bytes(8)).buffer);
  return {
    table: new SharedArrayBuffer(4 * buckets * (1 + BUCKET_SLOTS * SLOT_WORDS)),
    buckets,
    seed: [seed.getInt32(0), seed.getInt32(4)],
  };
}

/** Main calls this when a thread has exited. Returns how many locks it held. */
export function clearQuotaLocks(shared: SharedQuota, generation: number): number {
  return clearLocks(new Int32Array(shared.table), 0, shared.buckets, generation);
}

/**
 * What of each window is leased from the store, and how much of that is free. Calls used are `leased − free`: what
 * other processes leased, and what a crash lost, counts as used.
 */
export class QuotaTable {
  /** The window of the last {@link take}; milliseconds since the epoch. */
  windowStart: number = 0;
  readonly #words: Int32Array;
  readonly #floats: Float64Array;
  readonly #buckets: number;
  readonly #hash: KeyedHash;
  readonly #generation: number;
  readonly #clock: Pick<Clock, "now">;

  constructor(shared: SharedQuota, generation: number, clock: Pick<Clock, "now">) {
    this.#words = new Int32Array(shared.table);
    this.#floats = new Float64Array(shared.table);
    this.#buckets = shared.buckets;
    this.#hash = new KeyedHash(shared.seed[0], shared.seed[1]);
    this.#generation = generation;
    this.#clock = clock;
  }

  /**
   * What is left, minus the milliseconds until renewal, or {@link NEEDS_LEASE}. Period 0: one window, without end.
   * @param amount all or none; 0 only looks. A negative one has happened already: it counts as far as there is room.
   * @throws GatewayError `store-unavailable` when there is no room for another counter.
   */
  take(counter: string, calls: number, period: number, anchor: number, amount: number): number {
    const bucket = this.#bucketOf(counter, period);
    acquire(this.#words, bucket, this.#generation);
    try {
      const now = this.#clock.now();
      const slot = this.#slotFor(bucket, now);
      this.#enterWindow(slot, period === 0 ? anchor : anchor + Math.floor((now - anchor) / period) * period, period);
      return this.#takeFrom(slot, calls, now, amount);
    } finally {
      release(this.#words, bucket);
    }
  }

  /** Adds what the store granted for a window; if that has gone by, the grant is lost, which is the strict side. */
  grant(counter: string, period: number, windowStart: number, leased: number, granted: number): void {
    const bucket = this.#bucketOf(counter, period);
    acquire(this.#words, bucket, this.#generation);
    try {
      const slot = this.#find(bucket);
      if (slot < 0 || this.#floats[slot / 2 + START] !== windowStart) return;
      // Answers to two threads may come out of order, so the total only rises; killed between, the grant is lost.
      const at = slot / 2;
      this.#floats[at + LEASED] = Math.max(this.#floats[at + LEASED]!, leased);
      this.#floats[at + FREE] = this.#floats[at + FREE]! + granted;
    } finally {
      release(this.#words, bucket);
    }
  }

  #takeFrom(slot: number, calls: number, now: number, amount: number): number {
    const at = slot / 2;
    const leased = this.#floats[at + LEASED]!;
    const free = this.#floats[at + FREE]!;
    const left = Math.max(0, calls - (leased - free));
    if (amount >= 0 && left < Math.max(1, amount)) return -Math.max(1, Math.ceil(this.#floats[at + END]! - now));
    // Of a window that nothing was leased of yet, it is not known what was used before a restart.
    if (leased === 0) return NEEDS_LEASE;
    const taken = amount < 0 ? Math.min(-amount, left) : amount;
    if (free < taken) return NEEDS_LEASE;
    this.#floats[at + FREE] = free - taken;
    return left - taken;
  }

  /** A clock a little behind another thread's reading stays in the newer window. */
  #enterWindow(slot: number, start: number, period: number): void {
    const current = this.#floats[slot / 2 + START]!;
    const unused = this.#floats[slot / 2 + END] === 0;
    if (unused || start > current || current - start > Math.max(BACKSTEP_MS, period)) {
      this.#floats[slot / 2 + LEASED] = 0;
      this.#floats[slot / 2 + FREE] = 0;
      this.#floats[slot / 2 + START] = start;
      this.#floats[slot / 2 + END] = period === 0 ? Infinity : start + period;
    }
    this.windowStart = this.#floats[slot / 2 + START]!;
  }

  #bucketOf(counter: string, period: number): number {
    this.#hash.digest(period, period / 0x1_0000_0000, 0, counter);
    return reduce(this.#hash.high, this.#buckets);
  }

  #find(bucket: number): number {
    const first = this.#buckets + bucket * BUCKET_SLOTS * SLOT_WORDS;
    for (let slot = first; slot < first + BUCKET_SLOTS * SLOT_WORDS; slot += SLOT_WORDS) {
      const same = this.#words[slot + LOW] === this.#hash.low && this.#words[slot + HIGH] === this.#hash.high;
      if (same && this.#floats[slot / 2 + END] !== 0) return slot;
    }
    return -1;
  }

  #slotFor(bucket: number, now: number): number {
    const found = this.#find(bucket);
    if (found >= 0) return found;
    const first = this.#buckets + bucket * BUCKET_SLOTS * SLOT_WORDS;
    for (let slot = first; slot < first + BUCKET_SLOTS * SLOT_WORDS; slot += SLOT_WORDS) {
      if (this.#floats[slot / 2 + END]! <= now) return this.#claim(slot);
    }
    throw new GatewayError("store-unavailable", 503, "no room for another quota counter", { source: "store" });
  }

  /** An ended window holds nothing that the store does not; end 0 marks the slot as unused until it has a window. */
  #claim(slot: number): number {
    this.#floats[slot / 2 + END] = 0;
    this.#words[slot + LOW] = this.#hash.low;
    this.#words[slot + HIGH] = this.#hash.high;
    return slot;
  }
}
