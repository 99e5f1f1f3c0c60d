import type { CacheEntry } from "#model/cache.ts";
import { HeaderList } from "#model/header-list.ts";

/** A response as it lies in the cache. Times in milliseconds. */
export interface StoredResponse {
  readonly status: number;
  readonly statusText: string;
  /** Flat, as they were when it was stored. */
  readonly headers: readonly string[];
  /** When it was here. */
  readonly storedAt: number;
  /** How old it was by then. @see RFC 9111 §4.2.3 */
  readonly initialAgeMs: number;
  readonly lifetimeMs: number;
  readonly body: Uint8Array;
}

/** @param keepUntil milliseconds since the epoch: a stale response is kept for as long as it may be asked about */
export function encodeResponse({ body, ...meta }: StoredResponse, keepUntil: number): CacheEntry {
  return { meta: JSON.stringify(meta), body, expiresAt: keepUntil };
}

export function decodeResponse({ meta, body }: CacheEntry): StoredResponse {
  return { ...(JSON.parse(meta) as Omit<StoredResponse, "body">), body };
}

export function headersOf(stored: StoredResponse): HeaderList {
  return new HeaderList([...stored.headers]);
}

export function ageOf(stored: StoredResponse, now: number): number {
  return stored.initialAgeMs + Math.max(0, now - stored.storedAt);
}

export function isFresh(stored: StoredResponse, now: number): boolean {
  return ageOf(stored, now) < stored.lifetimeMs;
}
