import type { CacheEntry } from "#model/cache.ts";
import { BoundedEntries } from "./bounded-entries.ts";
import { CacheVersions, type SharedCacheVersions } from "./cache-versions.ts";

/** Holds what all workers have stored. Main's; each call is a few map operations. */
export class CacheOwner {
  readonly #versions: CacheVersions;
  readonly #entries: BoundedEntries<{ readonly entry: CacheEntry }>;
  readonly #now: () => number;

  constructor(versions: SharedCacheVersions, maxBytes: number, now: () => number) {
    this.#versions = new CacheVersions(versions);
    this.#entries = new BoundedEntries(maxBytes);
    this.#now = now;
  }

  get(key: string): CacheEntry | null {
    const held = this.#entries.get(key);
    if (held === undefined) return null;
    if (held.entry.expiresAt > this.#now()) return held.entry;
    this.#entries.delete(key);
    return null;
  }

  /** The version is raised after the change, so that no worker can take the old entry under the new version. */
  put(key: string, entry: CacheEntry): void {
    this.#entries.set(key, { entry });
    this.#versions.raise(key);
  }

  remove(key: string): void {
    this.#entries.delete(key);
    this.#versions.raise(key);
  }

  resize(maxBytes: number): void {
    this.#entries.resize(maxBytes);
  }
}
