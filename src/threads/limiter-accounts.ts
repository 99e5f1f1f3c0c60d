import { GatewayError } from "#model/errors.ts";
import {
  ACCOUNT_CLASSES,
  ACCOUNT_CLASS_WORDS,
  ACCOUNT_FAMILIES,
  classOf,
  expiryTick,
  FAMILIES,
  FAMILY_WORDS,
  LARGEST_STRIDE,
  overflowBase,
  poolBases,
  RECORD_FAMILY,
  STRIDES,
  tickPassed,
  type SharedLimiter,
} from "./limiter-layout.ts";
import { resetRecord, takeFromRecord } from "./limiter-record.ts";
import { acquire, release } from "./spin-lock.ts";

export const ACCOUNT_LOCK = 0;
const FAMILY_COUNT = 1;
export const ACCOUNT_ALARMS = 2;
export const ACCOUNT_CURSOR = 3;

/** Words of a class. The free list runs through the records' state words; links are index + 1. */
const FREE_HEAD = 0;
const BUMPED = 1;
const CLASS_LIVE = 2;

/** Words of a family. */
const ID = 0;
const CALLS = 1;
const PERIOD = 2;
const LIVE = 3;
const OVERFLOW_EXPIRY = 4;
const OVERFLOW_USED = 5;

/**
 * Who holds how many records, and the records that are free. A thread killed in here can leave a record or a count
 * unreturned, at most one per death, and always on the strict side.
 *
 * A family's share: it may take a new record only while it holds fewer than are still free in its class. So one family
 * gets at most half, two a third each, and a newcomer always finds room, however many keys an attacker makes up.
 */
export class LimiterAccounts {
  readonly #words: Int32Array;
  readonly #records: Int32Array;
  readonly #capacities: readonly number[];
  readonly #pools: readonly number[];
  readonly #overflow: number;
  readonly #generation: number;

  constructor(shared: SharedLimiter, generation: number) {
    this.#words = new Int32Array(shared.accounts);
    this.#records = new Int32Array(shared.records);
    this.#capacities = shared.capacities;
    this.#pools = poolBases(shared.capacities);
    this.#overflow = overflowBase(shared.capacities, 0);
    this.#generation = generation;
  }

  /** First word of a record. */
  baseOf(cls: number, index: number): number {
    return this.#pools[cls]! + index * STRIDES[cls]!;
  }

  /**
   * A fresh record for an unseen key, or −1 at the bound. It starts with what the family's overflow record counted:
   * the key may have been among those, and must not get its calls twice.
   */
  open(limiter: number, calls: number, period: number, now: number): number {
    acquire(this.#words, ACCOUNT_LOCK, this.#generation);
    try {
      const family = this.#familyOf(limiter, calls, period, now);
      const cls = classOf(calls);
      const index = this.#allocate(cls, family);
      if (index >= 0) this.#prepare(this.baseOf(cls, index), cls, family, period, now);
      return index;
    } finally {
      release(this.#words, ACCOUNT_LOCK);
    }
  }

  close(cls: number, index: number): void {
    acquire(this.#words, ACCOUNT_LOCK, this.#generation);
    const base = this.baseOf(cls, index);
    const accounts = this.#classWords(cls);
    this.#words[this.#familyWords(this.#records[base + RECORD_FAMILY]!) + LIVE]! -= 1;
    this.#words[accounts + CLASS_LIVE]! -= 1;
    this.#records[base] = this.#words[accounts + FREE_HEAD]!;
    Atomics.store(this.#words, accounts + FREE_HEAD, index + 1);
    release(this.#words, ACCOUNT_LOCK);
  }

  /** All keys of the family that found no room, under its limit together. */
  takeFromOverflow(limiter: number, calls: number, period: number, now: number, amount: number): number {
    Atomics.add(this.#words, ACCOUNT_ALARMS, 1);
    acquire(this.#words, ACCOUNT_LOCK, this.#generation);
    try {
      const family = this.#familyOf(limiter, calls, period, now);
      const words = this.#familyWords(family);
      const cls = classOf(calls);
      if (!this.#overflowLive(family, now)) resetRecord(this.#records, this.#overflowOf(family), cls, period, now);
      this.#words[words + OVERFLOW_EXPIRY] = expiryTick(now, period);
      this.#words[words + OVERFLOW_USED] = 1;
      return takeFromRecord(this.#records, this.#overflowOf(family), cls, calls, period, now, amount);
    } finally {
      release(this.#words, ACCOUNT_LOCK);
    }
  }

  /** Counts before taking: killed in between, a record is lost, not given twice. */
  #allocate(cls: number, family: number): number {
    const words = this.#words;
    const accounts = this.#classWords(cls);
    const live = this.#familyWords(family) + LIVE;
    if (words[live]! >= this.#capacities[cls]! - words[accounts + CLASS_LIVE]!) return -1;
    words[live]! += 1;
    words[accounts + CLASS_LIVE]! += 1;
    const free = words[accounts + FREE_HEAD]!;
    if (free === 0) return this.#bump(accounts, cls);
    Atomics.store(words, accounts + FREE_HEAD, this.#records[this.baseOf(cls, free - 1)]!);
    return free - 1;
  }

  /** −1 only after so many deaths that leaked records exhaust the pool. */
  #bump(accounts: number, cls: number): number {
    const index = this.#words[accounts + BUMPED]!;
    if (index >= this.#capacities[cls]!) return -1;
    Atomics.store(this.#words, accounts + BUMPED, index + 1);
    return index;
  }

  #prepare(base: number, cls: number, family: number, period: number, now: number): void {
    if (this.#overflowLive(family, now)) {
      const overflow = this.#overflowOf(family);
      this.#records.copyWithin(base, overflow, overflow + STRIDES[cls]!);
    } else {
      resetRecord(this.#records, base, cls, period, now);
    }
    this.#records[base + RECORD_FAMILY] = family;
  }

  #familyOf(limiter: number, calls: number, period: number, now: number): number {
    const count = this.#words[FAMILY_COUNT]!;
    for (let family = 0; family < count; family++) {
      if (this.#isFamily(this.#familyWords(family), limiter, calls, period)) return family;
    }
    const family = count < FAMILIES ? count : this.#idleFamily(now);
    this.#register(this.#familyWords(family), limiter, calls, period);
    if (family === count) Atomics.store(this.#words, FAMILY_COUNT, count + 1);
    return family;
  }

  #isFamily(at: number, limiter: number, calls: number, period: number): boolean {
    const words = this.#words;
    return words[at + ID] === limiter && words[at + CALLS] === calls && words[at + PERIOD] === period;
  }

  #register(at: number, limiter: number, calls: number, period: number): void {
    this.#words[at + ID] = limiter;
    this.#words[at + CALLS] = calls;
    this.#words[at + PERIOD] = period;
    this.#words[at + LIVE] = 0;
    this.#words[at + OVERFLOW_USED] = 0;
  }

  #idleFamily(now: number): number {
    for (let family = 0; family < FAMILIES; family++) {
      if (this.#words[this.#familyWords(family) + LIVE] === 0 && !this.#overflowLive(family, now)) return family;
    }
    throw new GatewayError("store-unavailable", 503, `more than ${FAMILIES} rate limits are in use`, {
      source: "store",
    });
  }

  #overflowLive(family: number, now: number): boolean {
    const at = this.#familyWords(family);
    return this.#words[at + OVERFLOW_USED] === 1 && !tickPassed(now, this.#words[at + OVERFLOW_EXPIRY]!);
  }

  #overflowOf(family: number): number {
    return this.#overflow + family * LARGEST_STRIDE;
  }

  #familyWords(family: number): number {
    return ACCOUNT_FAMILIES + family * FAMILY_WORDS;
  }

  #classWords(cls: number): number {
    return ACCOUNT_CLASSES + cls * ACCOUNT_CLASS_WORDS;
  }
}
