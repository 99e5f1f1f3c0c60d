import type { Random } from "#model/ports.ts";
import { KeyedHash } from "./keyed-hash.ts";

/** Keys that share a slot only cost each other a look-up: 256 KiB keep that rare. */
const slots = 65_536;

/** Shared memory that tells every worker which of its copies are still the newest. */
export interface SharedCacheVersions {
  readonly counts: SharedArrayBuffer;
  readonly k0: number;
  readonly k1: number;
}

export function createCacheVersions(random: Random): SharedCacheVersions {
  const [k0 = 0, k1 = 0] = new Int32Array(random.bytes(8).slice().buffer);
  return { counts: new SharedArrayBuffer(slots * Int32Array.BYTES_PER_ELEMENT), k0, k1 };
}

/**
 * A count a slot, raised with every change of a key in it. A copy taken under a count is good as long as the count
 * stands. The hash is keyed, so that clients who choose keys cannot make each other's copies worthless.
 */
export class CacheVersions {
  readonly #counts: Int32Array;
  readonly #hash: KeyedHash;

  constructor({ counts, k0, k1 }: SharedCacheVersions) {
    this.#counts = new Int32Array(counts);
    this.#hash = new KeyedHash(k0, k1);
  }

  of(key: string): number {
    return Atomics.load(this.#counts, this.#slot(key));
  }

  raise(key: string): void {
    Atomics.add(this.#counts, this.#slot(key), 1);
  }

  #slot(key: string): number {
    this.#hash.digest(0, 0, 0, key);
    return this.#hash.low & (slots - 1);
  }
}
