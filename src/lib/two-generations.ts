interface Kept<V> {
  readonly value: V;
  readonly bytes: number;
}

/**
 * A bounded map that forgets what has not been used for long: entries live in a young and an old half; when the young
 * one is full it becomes the old one, and what was old is gone unless it was used meanwhile. A hit in the young half
 * writes nothing, and no operation's cost depends on the size.
 */
export class TwoGenerations<V, K = string> {
  readonly #maxEntries: number;
  readonly #maxBytes: number;
  #young = new Map<K, Kept<V>>();
  #old = new Map<K, Kept<V>>();
  #youngBytes = 0;

  /** Both bounds hold for the two halves together. */
  constructor(maxEntries: number, maxBytes: number) {
    this.#maxEntries = Math.max(1, Math.floor(maxEntries / 2));
    this.#maxBytes = Math.floor(maxBytes / 2);
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  get(key: K): V | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young.value;
    const old = this.#old.get(key);
    return old === undefined ? undefined : this.#promote(key, old);
  }

  /** Something larger than half the bound is not kept. */
  set(key: K, value: V, bytes: number): void {
    this.delete(key);
    if (bytes <= this.#maxBytes) this.#add(key, { value, bytes });
  }

  delete(key: K): void {
    const kept = this.#young.get(key);
    if (kept !== undefined) this.#youngBytes -= kept.bytes;
    this.#young.delete(key);
    this.#old.delete(key);
  }

  clear(): void {
    this.#young = new Map();
    this.#old = new Map();
    this.#youngBytes = 0;
  }

  #promote(key: K, kept: Kept<V>): V {
    this.#old.delete(key);
    this.#add(key, kept);
    return kept.value;
  }

  #add(key: K, kept: Kept<V>): void {
    const isFull = this.#young.size >= this.#maxEntries || this.#youngBytes + kept.bytes > this.#maxBytes;
    if (isFull) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#youngBytes = 0;
    }
    this.#young.set(key, kept);
    this.#youngBytes += kept.bytes;
  }
}
