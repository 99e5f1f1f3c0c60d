import { GatewayError } from "#model/errors.ts";
import type { Clock, QuotaCounters } from "#model/ports.ts";
import { NEEDS_LEASE, QuotaTable, type SharedQuota } from "./quota-table.ts";

/** Counters of one worker that may wait for the store at once. */
const MAX_PENDING = 1024;
const MAX_LEASE = 1000;

export interface QuotaLease {
  /** All that was ever leased of this window, by anyone, this grant included. */
  readonly leased: number;
  /** What this call added to it: 0 to the amount asked for. Less than asked when the limit is near, if the store caps. */
  readonly granted: number;
}

/**
 * Leases calls of a window. The store must have added the grant durably before it answers: so a crash loses calls that
 * were leased and not used, and never forgets one that was used.
 */
export type LeaseQuota = (
  counter: string,
  windowStart: number,
  amount: number,
  limit: number,
  windowEnd: number | null,
) => Promise<QuotaLease>;

/** Attaches a thread. `generation` as for the limiter; `lease` is a control call to whoever owns the store. */
export function attachQuota(
  shared: SharedQuota,
  generation: number,
  clock: Pick<Clock, "now">,
  lease: LeaseQuota,
): QuotaCounters {
  return new LeasedQuotaCounters(new QuotaTable(shared, generation, clock), lease);
}

class LeasedQuotaCounters implements QuotaCounters {
  readonly #table: QuotaTable;
  readonly #lease: LeaseQuota;
  readonly #pending: Map<string, Promise<void>> = new Map();

  constructor(table: QuotaTable, lease: LeaseQuota) {
    this.#table = table;
    this.#lease = lease;
  }

  /** Rejects with GatewayError `store-unavailable` when a lease fails or there is no room for the counter. */
  take(
    counter: string,
    limit: number,
    periodMs: number,
    anchorMs: number,
    amount: number = 1,
  ): number | Promise<number> {
    return this.#count(counter, limit, periodMs, anchorMs, Math.max(0, Math.floor(amount)));
  }

  add(counter: string, limit: number, periodMs: number, anchorMs: number, amount: number): number | Promise<number> {
    return this.#count(counter, limit, periodMs, anchorMs, -Math.max(0, Math.ceil(amount)));
  }

  #count(counter: string, most: number, periodMs: number, anchorMs: number, amount: number): number | Promise<number> {
    try {
      const limit = Math.min(Math.max(0, Math.floor(most)), Number.MAX_SAFE_INTEGER) || 0;
      const left = this.#table.take(counter, limit, checkedPeriod(periodMs), anchorMs, amount);
      return left === NEEDS_LEASE ? this.#takeLeased(counter, limit, periodMs, anchorMs, amount) : left;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Others may have used up the lease by the time we run again; each round either admits someone or ends. */
  async #takeLeased(counter: string, calls: number, period: number, anchor: number, amount: number): Promise<number> {
    for (;;) {
      await this.#leaseOnce(counter, calls, period, this.#table.windowStart, Math.abs(amount));
      const left = this.#table.take(counter, calls, period, anchor, amount);
      if (left !== NEEDS_LEASE) return left;
    }
  }

  /** All requests of this thread that wait for one window share one call. */
  #leaseOnce(counter: string, calls: number, period: number, windowStart: number, need: number): Promise<void> {
    const key = `${period} ${windowStart} ${counter}`;
    const pending = this.#pending.get(key);
    if (pending !== undefined) return pending;
    if (this.#pending.size >= MAX_PENDING) return Promise.reject(unavailable("too many quota leases are waiting"));
    const lease = this.#ask(counter, calls, period, windowStart, need).finally(() => this.#pending.delete(key));
    this.#pending.set(key, lease);
    return lease;
  }

  async #ask(counter: string, calls: number, period: number, windowStart: number, need: number): Promise<void> {
    const least = Math.max(1, need);
    const amount = Math.max(least, Math.min(Math.ceil(calls / 100), MAX_LEASE * least));
    let lease: QuotaLease;
    try {
      const windowEnd = period > 0 ? windowStart + period : null;
      lease = await this.#lease(counter, windowStart, amount, calls, windowEnd);
    } catch (error) {
      throw unavailable("the quota store gave no lease", error);
    }
    if (!isSound(lease, amount, calls)) throw unavailable("the quota store gave a lease that makes no sense");
    this.#table.grant(counter, period, windowStart, lease.leased, lease.granted);
  }
}

/** A grant of nothing below the limit would have us ask for ever. */
function isSound(lease: QuotaLease, amount: number, calls: number): boolean {
  const { leased, granted } = lease;
  if (!Number.isSafeInteger(leased) || !Number.isSafeInteger(granted)) return false;
  return granted >= 0 && granted <= amount && leased >= granted && (granted > 0 || leased >= calls);
}

function checkedPeriod(periodMs: number): number {
  if (periodMs >= 0 && periodMs < Infinity) return periodMs;
  throw new GatewayError("internal", 500, "quota period must be 0 or more milliseconds");
}

function unavailable(message: string, cause?: unknown): GatewayError {
  return new GatewayError("store-unavailable", 503, message, { source: "store", retryable: true, cause });
}
