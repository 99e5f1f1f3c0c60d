import { GatewayError } from "#model/errors.ts";
import type { Clock, RateLimiter } from "#model/ports.ts";
import { KeyedHash, reduce } from "./keyed-hash.ts";
import { ACCOUNT_ALARMS, ACCOUNT_CURSOR, ACCOUNT_LOCK, LimiterAccounts } from "./limiter-accounts.ts";
import {
  BUCKET_SLOTS,
  CLASSES,
  classOf,
  expiryTick,
  SLOT_WORDS,
  tickPassed,
  type SharedLimiter,
} from "./limiter-layout.ts";
import { resetRecord, takeFromRecord } from "./limiter-record.ts";
import { acquire, clearLocks, release, tryAcquire } from "./spin-lock.ts";

/** Seven days. Differences of 32-bit milliseconds must stay well below 24 days, see limiter-record.ts. */
export const MAX_PERIOD_MS = 604_800_000;

/** Words of a slot. */
const LOW = 0;
const HIGH = 1;
const EXPIRY = 2;
/** `index * CLASSES + class + 1`; written last, so that a slot counts only when it is whole. */
const REFERENCE = 3;

/** Buckets tidied after a new key, and after one that found no room. */
const SWEEP = 1;
const SWEEP_AT_BOUND = 4;

/**
 * Attaches a thread to the shared limiter. `generation` (not 0) is unlike that of any other thread the process ever
 * had, so that {@link clearLimiterLocks} frees the locks of the dead one only.
 */
export function attachLimiter(shared: SharedLimiter, generation: number, clock: Pick<Clock, "mono">): RateLimiter {
  return new SharedRateLimiter(shared, generation, clock);
}

/** Main calls this when a thread has exited, whatever the reason. Returns how many locks it held. */
export function clearLimiterLocks(shared: SharedLimiter, generation: number): number {
  return (
    clearLocks(new Int32Array(shared.accounts), ACCOUNT_LOCK, 1, generation) +
    clearLocks(new Int32Array(shared.index), 0, shared.buckets, generation)
  );
}

/** Calls that found no room for a counter of their own since the start (modulo 2^32). More of them: raise an alarm. */
export function limiterAlarms(shared: SharedLimiter): number {
  return Atomics.load(new Int32Array(shared.accounts), ACCOUNT_ALARMS) >>> 0;
}

class SharedRateLimiter implements RateLimiter {
  readonly #words: Int32Array;
  readonly #records: Int32Array;
  readonly #cursor: Int32Array;
  readonly #accounts: LimiterAccounts;
  readonly #hash: KeyedHash;
  readonly #buckets: number;
  readonly #origin: number;
  readonly #generation: number;
  readonly #clock: Pick<Clock, "mono">;
  #sweepDue: number = 0;

  constructor(shared: SharedLimiter, generation: number, clock: Pick<Clock, "mono">) {
    this.#words = new Int32Array(shared.index);
    this.#records = new Int32Array(shared.records);
    this.#cursor = new Int32Array(shared.accounts);
    this.#accounts = new LimiterAccounts(shared, generation);
    this.#hash = new KeyedHash(shared.seed[0], shared.seed[1]);
    this.#buckets = shared.buckets;
    this.#origin = shared.origin;
    this.#generation = generation;
    this.#clock = clock;
  }

  /** @throws GatewayError `store-unavailable` when a dead thread's lock is never cleared, or there are too many limits. */
  take(limiter: number, key: string, calls: number, periodMs: number, amount: number = 1): number {
    return this.#count(limiter, key, calls, periodMs, Math.max(0, amount));
  }

  add(limiter: number, key: string, calls: number, periodMs: number, amount: number): void {
    if (amount > 0) this.#count(limiter, key, calls, periodMs, -amount);
  }

  #count(limiter: number, key: string, calls: number, periodMs: number, amount: number): number {
    const period = checkedPeriod(periodMs);
    if (!(calls >= 1)) return -period;
    const limit = Math.min(Math.floor(calls), 0x7fff_ffff);
    this.#hash.digest(limiter, limit, period, key);
    const bucket = reduce(this.#hash.high, this.#buckets);
    const left = this.#takeIn(bucket, limiter | 0, limit, period, amount);
    if (this.#sweepDue > 0) this.#sweep();
    return left;
  }

  /** The clock is read under the lock: so the times in a record never run backwards, whichever thread wrote them. */
  #takeIn(bucket: number, limiter: number, calls: number, period: number, amount: number): number {
    acquire(this.#words, bucket, this.#generation);
    try {
      const now = this.#clock.mono() - this.#origin;
      const slot = this.#find(bucket);
      return slot < 0
        ? this.#takeUnseen(bucket, limiter, calls, period, now, amount)
        : this.#takeKnown(slot, calls, period, now, amount);
    } finally {
      release(this.#words, bucket);
    }
  }

  #find(bucket: number): number {
    const first = this.#firstSlot(bucket);
    for (let slot = first; slot < first + BUCKET_SLOTS * SLOT_WORDS; slot += SLOT_WORDS) {
      if (this.#words[slot + LOW] === this.#hash.low && this.#words[slot + HIGH] === this.#hash.high) {
        if (this.#words[slot + REFERENCE] !== 0) return slot;
      }
    }
    return -1;
  }

  #takeKnown(slot: number, calls: number, period: number, now: number, amount: number): number {
    const reference = this.#words[slot + REFERENCE]! - 1;
    const cls = reference % CLASSES;
    const base = this.#accounts.baseOf(cls, (reference - cls) / CLASSES);
    if (tickPassed(now, this.#words[slot + EXPIRY]!)) resetRecord(this.#records, base, cls, period, now);
    this.#words[slot + EXPIRY] = expiryTick(now, period);
    return takeFromRecord(this.#records, base, cls, calls, period, now, amount);
  }

  #takeUnseen(bucket: number, limiter: number, calls: number, period: number, now: number, amount: number): number {
    const slot = this.#freeSlot(bucket, now);
    const index = slot < 0 ? -1 : this.#accounts.open(limiter, calls, period, now);
    this.#sweepDue = index < 0 ? SWEEP_AT_BOUND : SWEEP;
    if (index < 0) return this.#accounts.takeFromOverflow(limiter, calls, period, now, amount);
    this.#words[slot + LOW] = this.#hash.low;
    this.#words[slot + HIGH] = this.#hash.high;
    this.#words[slot + EXPIRY] = expiryTick(now, period);
    Atomics.store(this.#words, slot + REFERENCE, index * CLASSES + classOf(calls) + 1);
    return this.#takeKnown(slot, calls, period, now, amount);
  }

  /** A free slot, made by closing an expired counter if need be. A live one is never evicted. */
  #freeSlot(bucket: number, now: number): number {
    const first = this.#firstSlot(bucket);
    for (let slot = first; slot < first + BUCKET_SLOTS * SLOT_WORDS; slot += SLOT_WORDS) {
      if (this.#words[slot + REFERENCE] === 0 || this.#closeExpired(slot, now)) return slot;
    }
    return -1;
  }

  #closeExpired(slot: number, now: number): boolean {
    const reference = this.#words[slot + REFERENCE]! - 1;
    if (reference < 0 || !tickPassed(now, this.#words[slot + EXPIRY]!)) return false;
    Atomics.store(this.#words, slot + REFERENCE, 0);
    this.#accounts.close(reference % CLASSES, Math.floor(reference / CLASSES));
    return true;
  }

  /**
   * Each new key pays for looking at one bucket of old ones, so expired counters go back without a timer; holds no
   * other bucket's lock, and skips a bucket in use.
   */
  #sweep(): void {
    for (; this.#sweepDue > 0; this.#sweepDue--) {
      const bucket = (Atomics.add(this.#cursor, ACCOUNT_CURSOR, 1) >>> 0) % this.#buckets;
      if (tryAcquire(this.#words, bucket, this.#generation)) this.#tidy(bucket);
    }
  }

  #tidy(bucket: number): void {
    try {
      const now = this.#clock.mono() - this.#origin;
      const first = this.#firstSlot(bucket);
      for (let at = 0; at < BUCKET_SLOTS; at++) this.#closeExpired(first + at * SLOT_WORDS, now);
    } finally {
      release(this.#words, bucket);
    }
  }

  #firstSlot(bucket: number): number {
    return this.#buckets + bucket * BUCKET_SLOTS * SLOT_WORDS;
  }
}

function checkedPeriod(periodMs: number): number {
  if (periodMs >= 1 && periodMs <= MAX_PERIOD_MS) return Math.ceil(periodMs);
  throw new GatewayError("internal", 500, `rate limit period must be 1 to ${MAX_PERIOD_MS} ms`);
}
