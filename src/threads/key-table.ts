import { GatewayError } from "#model/errors.ts";
import { reduce } from "./keyed-hash.ts";
import { backOff } from "./spin-lock.ts";

/** Row: [version, 7 words of digest, subscription number, meta]; 40 bytes. */
const ROW_WORDS = 10;
const DIGEST = 1;
/** 28 of a digest's 32 bytes: 224 bits leave no room for chance, and the row within 40 bytes. */
export const DIGEST_WORDS = 7;
const SUBSCRIPTION = 8;
const META = 9;

/** A slot holds row + 1, or one of these. */
const EMPTY = 0;
const TOMBSTONE = -1;

/** Meta: state in 2 bits (0: removed), slot in 1 bit, the rest is the scope's number. */
export const STATE_MASK = 3;

/** Open addressing, linear probing, load at most 0.5. Plain and cloneable. */
export interface SharedKeyTable {
  readonly slots: SharedArrayBuffer;
  readonly rows: SharedArrayBuffer;
  /** By row: when its key was last used, in minutes since the epoch; 0: never yet. */
  readonly used: SharedArrayBuffer;
}

/** Room for `rows` keys at a load of 0.5. */
export function createKeyTable(rows: number): SharedKeyTable {
  return {
    slots: new SharedArrayBuffer(8 * rows),
    rows: new SharedArrayBuffer(4 * ROW_WORDS * rows),
    used: new SharedArrayBuffer(4 * rows),
  };
}

/**
 * The table in one thread. Many may read; only main writes. Each row has a version that is odd while it changes
 * (a seqlock), so a reader takes no lock and never sees half a change. All accesses to rows are atomic: plain loads
 * may move past the second look at the version on ARM.
 */
export class KeyTable {
  /** What {@link find} found. */
  subscription: number = 0;
  meta: number = 0;
  readonly #slots: Int32Array;
  readonly #rows: Int32Array;
  readonly #used: Int32Array;
  /** Where the last probe ended. */
  #position: number = 0;

  constructor(shared: SharedKeyTable) {
    this.#slots = new Int32Array(shared.slots);
    this.#rows = new Int32Array(shared.rows);
    this.#used = new Int32Array(shared.used);
  }

  get slotCount(): number {
    return this.#slots.length;
  }

  get rowCount(): number {
    return this.#rows.length / ROW_WORDS;
  }

  /** The row of a digest, or −1. */
  find(digest: Int32Array): number {
    let at = reduce(digest[0]!, this.#slots.length);
    for (let probe = 0; probe < this.#slots.length; probe++) {
      const entry = Atomics.load(this.#slots, at);
      if (entry === EMPTY) return -1;
      if (entry !== TOMBSTONE && this.#matches(entry - 1, digest)) {
        this.#position = at;
        return entry - 1;
      }
      at = at + 1 === this.#slots.length ? 0 : at + 1;
    }
    return -1;
  }

  /** Reads a row, whoever it belongs to; false if it holds no key. For the writer. */
  read(row: number, digest: Int32Array): boolean {
    const base = row * ROW_WORDS;
    for (let word = 0; word < DIGEST_WORDS; word++) digest[word] = this.#rows[base + DIGEST + word]!;
    this.subscription = this.#rows[base + SUBSCRIPTION]!;
    this.meta = this.#rows[base + META]!;
    return (this.meta & STATE_MASK) !== 0;
  }

  /** A read and, once a minute, a write. Whoever has the row by then: it may be a minute that is another key's. */
  touch(row: number, minute: number): void {
    if (Atomics.load(this.#used, row) !== minute) Atomics.store(this.#used, row, minute);
  }

  usedAt(row: number): number {
    return Atomics.load(this.#used, row);
  }

  write(row: number, digest: Int32Array, subscription: number, meta: number): void {
    const base = row * ROW_WORDS;
    const version = Atomics.add(this.#rows, base, 1);
    for (let word = 0; word < DIGEST_WORDS; word++) Atomics.store(this.#rows, base + DIGEST + word, digest[word]!);
    Atomics.store(this.#rows, base + SUBSCRIPTION, subscription);
    Atomics.store(this.#rows, base + META, meta);
    Atomics.store(this.#rows, base, version + 2);
  }

  /** Makes a written row findable. Its digest must not be there yet. Returns whether it took a slot never used before. */
  link(row: number, digest: Int32Array): boolean {
    let at = reduce(digest[0]!, this.#slots.length);
    for (let probe = 0; probe < this.#slots.length; probe++) {
      const entry = this.#slots[at]!;
      if (entry === EMPTY || entry === TOMBSTONE) {
        Atomics.store(this.#slots, at, row + 1);
        return entry === EMPTY;
      }
      at = at + 1 === this.#slots.length ? 0 : at + 1;
    }
    throw new GatewayError("internal", 500, "key table is full");
  }

  /** Removes the key that {@link find} has just found; its row may then be used again. */
  unlinkFound(row: number): void {
    const base = row * ROW_WORDS;
    const version = Atomics.add(this.#rows, base, 1);
    Atomics.store(this.#rows, base + META, 0);
    Atomics.store(this.#rows, base, version + 2);
    Atomics.store(this.#slots, this.#position, TOMBSTONE);
  }

  /** Compares the whole digest whatever it finds: how long it takes must not tell how much of a guess was right. */
  #matches(row: number, digest: Int32Array): boolean {
    const base = row * ROW_WORDS;
    for (let attempt = 0; ; attempt++) {
      const version = Atomics.load(this.#rows, base);
      let difference = version & 1;
      for (let word = 0; word < DIGEST_WORDS; word++) {
        difference |= Atomics.load(this.#rows, base + DIGEST + word) ^ digest[word]!;
      }
      const subscription = Atomics.load(this.#rows, base + SUBSCRIPTION);
      const meta = Atomics.load(this.#rows, base + META);
      if ((version & 1) === 0 && Atomics.load(this.#rows, base) === version) {
        this.subscription = subscription;
        this.meta = meta;
        return difference === 0 && (meta & STATE_MASK) !== 0;
      }
      backOff(this.#rows, base, version, attempt);
    }
  }
}
