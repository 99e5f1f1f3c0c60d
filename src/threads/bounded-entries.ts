import type { CacheEntry } from "#model/cache.ts";

/** What an entry costs besides its own bytes: the map's place, strings' headers, a shared buffer's bookkeeping. */
const overhead = 256;

/** Entries by key within a number of bytes; the least recently used goes first. */
export class BoundedEntries<T extends { readonly entry: CacheEntry | undefined }> {
  readonly #held: Map<string, T> = new Map();
  #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get(key: string): T | undefined {
    const held = this.#held.get(key);
    if (held === undefined) return undefined;
    // A map remembers the order of insertion: what is used goes to its end.
    this.#held.delete(key);
    this.#held.set(key, held);
    return held;
  }

  set(key: string, held: T): void {
    this.delete(key);
    this.#held.set(key, held);
    this.#bytes += costOf(key, held.entry);
    this.#shrink();
  }

  delete(key: string): void {
    const held = this.#held.get(key);
    if (held === undefined) return;
    this.#held.delete(key);
    this.#bytes -= costOf(key, held.entry);
  }

  resize(maxBytes: number): void {
    this.#maxBytes = maxBytes;
    this.#shrink();
  }

  #shrink(): void {
    for (const key of this.#held.keys()) {
      if (this.#bytes <= this.#maxBytes) return;
      this.delete(key);
    }
  }
}

function costOf(key: string, entry: CacheEntry | undefined): number {
  const own = overhead + 2 * key.length;
  return entry === undefined ? own : own + 2 * entry.meta.length + entry.body.byteLength;
}
