import type { Cache } from "#model/cache.ts";
import type { HeaderList } from "#model/header-list.ts";
import type { Exchange } from "#model/exchange.ts";
import type { DownstreamRule } from "./downstream.ts";
import type { StoredResponse } from "./stored-response.ts";

/** What the index of a resource says: how its copies are told apart, and what names this generation of them. */
export interface CacheIndex {
  readonly nonce: string;
  readonly vary: readonly string[];
}

export interface CacheUseOptions {
  /** Where was looked, and what comes is kept. */
  readonly cache: Cache;
  readonly http: boolean;
  readonly primary: string;
  /** What the policy itself tells copies apart by. */
  readonly extra: string;
  readonly personal: boolean;
  readonly allowPrivate: boolean;
  /** The draft's fields when the cache was asked. */
  readonly request: HeaderList;
  /** Monotonic milliseconds. */
  readonly askedAt: number;
  /** Writes `Cache-Control` for the client, or null. */
  readonly downstream: DownstreamRule;
}

/** What cache-lookup leaves for cache-store: which resource, under what rules, and what was found. */
export class CacheUse {
  readonly options: CacheUseOptions;
  index: CacheIndex | null = null;
  /** Found, too old, and being asked about. */
  stale: StoredResponse | null = null;
  /** The response is the cache's: it is not stored again, and outbound goes on behind cache-store. */
  served = false;

  constructor(options: CacheUseOptions) {
    this.options = options;
  }
}

/** A request that changes a resource: what is stored of it goes when it succeeds. @see RFC 9111 §4.4 */
export class CacheInvalidation {
  readonly primary: string;
  readonly cache: Cache;

  constructor(primary: string, cache: Cache) {
    this.primary = primary;
    this.cache = cache;
  }
}

export function cacheUseOf({ cache }: Exchange): CacheUse | undefined {
  return cache instanceof CacheUse ? cache : undefined;
}
