/** Something that was kept for later requests. Its memory is shared between threads: nobody writes to it. */
export interface CacheEntry {
  /** What is known of the body, as the policy that stored it wrote it. */
  readonly meta: string;
  readonly body: Uint8Array;
  /** Milliseconds since the epoch; afterwards it is as if it were not there. */
  readonly expiresAt: number;
}

/**
 * What all workers have stored, within bounds: any entry may be gone at any time. An entry that was replaced or removed
 * is seen by no worker once the promise of {@link put} or {@link remove} has resolved.
 */
export interface Cache {
  /** Bytes of the largest entry that is taken. */
  readonly maxEntryBytes: number;
  /** Without a promise when this worker has the entry, or knows that there is none. A cache that fails is a miss. */
  get(key: string): CacheEntry | undefined | Promise<CacheEntry | undefined>;
  /** Never rejects: what cannot be kept is not kept. */
  put(key: string, entry: CacheEntry): Promise<void>;
  /** @throws GatewayError `control-call-failed`, `store-unavailable`: a stale entry may still be served, so it is no success */
  remove(key: string): Promise<void>;
}
