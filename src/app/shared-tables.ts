import type { Clock, Random } from "#model/ports.ts";
import { createCacheVersions, type SharedCacheVersions } from "#threads/cache-versions.ts";
import { clearConcurrency, createConcurrency, type SharedConcurrency } from "#threads/concurrency.ts";
import type { SharedKeyIndex } from "#threads/key-index.ts";
import { clearLimiterLocks } from "#threads/limiter.ts";
import { createLimiter, type SharedLimiter } from "#threads/limiter-layout.ts";
import { clearQuotaLocks, createQuotaTable, type SharedQuota } from "#threads/quota-table.ts";
import type { SharedRing } from "#threads/ring.ts";

/** Counters that all workers share: made once, for the life of the process, so that a reload forgets nothing. */
export interface SharedCounters {
  readonly limiter: SharedLimiter;
  /** Numbers of proofs that were used: apart, so that they take no room from limits. */
  readonly proofs: SharedLimiter;
  readonly quota: SharedQuota;
  readonly concurrency: SharedConcurrency;
  readonly cacheVersions: SharedCacheVersions;
}

/** Shared memory that a worker attaches to. */
export interface SharedHandles extends SharedCounters {
  readonly keys: SharedKeyIndex;
  /** A directory of users. */
  readonly users: SharedKeyIndex;
  /** This worker's own, for its life. */
  readonly ring: SharedRing;
}

/** Half of them at a time, which is 1,800 proofs a second; memory that nobody has used costs none. */
const proofKeys = 262_144;

export function createSharedCounters(clock: Clock, random: Random, workers: number): SharedCounters {
  return {
    limiter: createLimiter({ origin: clock.mono(), random }),
    proofs: createLimiter({ origin: clock.mono(), random, keys: proofKeys }),
    quota: createQuotaTable({ random }),
    concurrency: createConcurrency({ columns: workers, random }),
    cacheVersions: createCacheVersions(random),
  };
}

/** A thread has died: the locks it held would stop the others, and what it had inside would stay there. */
export function clearDeadLocks({ limiter, proofs, quota, concurrency }: SharedCounters, generation: number): void {
  clearLimiterLocks(limiter, generation);
  clearLimiterLocks(proofs, generation);
  clearQuotaLocks(quota, generation);
  clearConcurrency(concurrency, generation);
}
