import type { Cache, CacheEntry } from "#model/cache.ts";
import { BoundedEntries } from "./bounded-entries.ts";
import { CacheVersions, type SharedCacheVersions } from "./cache-versions.ts";

/** The owner, as a worker reaches it. */
export interface CacheCalls {
  get(key: string): Promise<CacheEntry | null>;
  put(key: string, entry: CacheEntry): Promise<void>;
  remove(key: string): Promise<void>;
}

export interface CacheClientOptions {
  readonly versions: SharedCacheVersions;
  readonly calls: CacheCalls;
  readonly maxEntryBytes: number;
  /** Bytes of the copies of this worker. Bodies are shared with the owner as long as that keeps them. */
  readonly maxBytes: number;
  readonly now: () => number;
}

interface Copy {
  /** Undefined: the owner had none. */
  readonly entry: CacheEntry | undefined;
  readonly version: number;
}

/** One worker's view of the cache: copies that are good until the key's version is raised. */
export class CacheClient implements Cache {
  maxEntryBytes: number;
  readonly #versions: CacheVersions;
  readonly #calls: CacheCalls;
  readonly #copies: BoundedEntries<Copy>;
  readonly #now: () => number;

  constructor({ versions, calls, maxEntryBytes, maxBytes, now }: CacheClientOptions) {
    this.maxEntryBytes = maxEntryBytes;
    this.#versions = new CacheVersions(versions);
    this.#calls = calls;
    this.#copies = new BoundedEntries(maxBytes);
    this.#now = now;
  }

  get(key: string): CacheEntry | undefined | Promise<CacheEntry | undefined> {
    const version = this.#versions.of(key);
    const copy = this.#copies.get(key);
    if (copy === undefined || copy.version !== version) return this.#fetch(key, version);
    return copy.entry === undefined || copy.entry.expiresAt > this.#now() ? copy.entry : undefined;
  }

  async put(key: string, entry: CacheEntry): Promise<void> {
    if (entry.body.byteLength > this.maxEntryBytes) return;
    try {
      await this.#calls.put(key, { ...entry, body: shared(entry.body) });
    } catch {
      // The owner is gone or busy: what is not kept is fetched again.
    }
  }

  remove(key: string): Promise<void> {
    return this.#calls.remove(key);
  }

  resize(maxEntryBytes: number, maxBytes: number): void {
    this.maxEntryBytes = maxEntryBytes;
    this.#copies.resize(maxBytes);
  }

  /** The version was read before the owner was asked: a change in between makes the copy worthless, never wrong. */
  async #fetch(key: string, version: number): Promise<CacheEntry | undefined> {
    try {
      const entry = (await this.#calls.get(key)) ?? undefined;
      this.#copies.set(key, { entry, version });
      return entry;
    } catch {
      return undefined;
    }
  }
}

/** Shared memory is posted by reference: one copy of a body serves all threads. */
function shared(bytes: Uint8Array): Uint8Array {
  if (bytes.buffer instanceof SharedArrayBuffer) return bytes;
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.byteLength));
  copy.set(bytes);
  return copy;
}
