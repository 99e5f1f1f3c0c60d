import { GatewayError } from "#model/errors.ts";
import type { ConcurrencyCounters, Random } from "#model/ports.ts";
import { noRoom, tooMany } from "#model/ports.ts";
import { KeyedHash, reduce } from "./keyed-hash.ts";
import { acquire, clearLocks, release } from "./spin-lock.ts";

const bucketSlots = 16;
/** Slot: [hash low, hash high], then a column for each worker: how many it has inside. */
const columnsAt = 2;

/** Who is inside where. Plain and cloneable; untouched parts cost no resident memory. */
export interface SharedConcurrency {
  /** Locks of all buckets, then which generation has which column, then the slots. */
  readonly table: SharedArrayBuffer;
  readonly buckets: number;
  /** Of threads that count at a time. */
  readonly columns: number;
  readonly seed: readonly [number, number];
}

export interface ConcurrencyOptions {
  /** Threads that count at a time. */
  readonly columns: number;
  /** Keys with somebody inside; above it, chance decides which new ones find room. Default 16,384. */
  readonly keys?: number;
  readonly random: Random;
}

export function createConcurrency({ columns, keys = 16_384, random }: ConcurrencyOptions): SharedConcurrency {
  const buckets = Math.max(1, Math.ceil((keys * 4) / bucketSlots));
  const seed = new DataView(Uint8Array.from(random.bytes(8)).buffer);
  return {
    table: new SharedArrayBuffer(4 * (buckets + columns + buckets * bucketSlots * (columnsAt + columns))),
    buckets,
    columns,
    seed: [seed.getInt32(0), seed.getInt32(4)],
  };
}

/**
 * Main calls this when a thread has exited, and before another takes its column: what it had inside is inside no more.
 * @returns how many those were
 */
export function clearConcurrency(shared: SharedConcurrency, generation: number): number {
  const words = new Int32Array(shared.table);
  const { buckets, columns } = shared;
  clearLocks(words, 0, buckets, generation);
  let freed = 0;
  for (let column = 0; column < columns; column += 1) {
    if (Atomics.compareExchange(words, buckets + column, generation, 0) !== generation) continue;
    const stride = columnsAt + columns;
    for (let at = buckets + columns + columnsAt + column; at < words.length; at += stride) {
      if (words[at] !== 0) freed += Atomics.exchange(words, at, 0);
    }
  }
  return freed;
}

/** Attaches a thread to its column. `generation` as for the limiter. */
export function attachConcurrency(shared: SharedConcurrency, generation: number, column: number): ConcurrencyCounters {
  return new SharedConcurrencyCounters(shared, generation, column);
}

/**
 * A slot with nobody inside is free, whatever its hash says. So the one who leaves needs no lock: its own count keeps
 * the slot until then, and nobody else writes that.
 */
class SharedConcurrencyCounters implements ConcurrencyCounters {
  readonly #words: Int32Array;
  readonly #buckets: number;
  readonly #columns: number;
  readonly #column: number;
  readonly #generation: number;
  readonly #hash: KeyedHash;

  /** @throws GatewayError `internal` when there is no such column */
  constructor(shared: SharedConcurrency, generation: number, column: number) {
    if (column >= shared.columns) throw new GatewayError("internal", 500, "more threads count than there are columns");
    this.#words = new Int32Array(shared.table);
    this.#buckets = shared.buckets;
    this.#columns = shared.columns;
    this.#column = column;
    this.#generation = generation;
    this.#hash = new KeyedHash(shared.seed[0], shared.seed[1]);
    Atomics.store(this.#words, shared.buckets + column, generation);
  }

  enter(key: string, most: number): number {
    this.#hash.digest(0, 0, 0, key);
    const bucket = reduce(this.#hash.high, this.#buckets);
    acquire(this.#words, bucket, this.#generation);
    try {
      return this.#enterIn(bucket, most);
    } finally {
      release(this.#words, bucket);
    }
  }

  leave(ticket: number): void {
    Atomics.sub(this.#words, ticket + columnsAt + this.#column, 1);
  }

  #enterIn(bucket: number, most: number): number {
    const stride = columnsAt + this.#columns;
    const first = this.#buckets + this.#columns + bucket * bucketSlots * stride;
    let free = noRoom;
    for (let slot = first; slot < first + bucketSlots * stride; slot += stride) {
      const inside = this.#inside(slot);
      if (inside === 0) free = free === noRoom ? slot : free;
      else if (this.#words[slot] === this.#hash.low && this.#words[slot + 1] === this.#hash.high) {
        return inside < most ? this.#take(slot) : tooMany;
      }
    }
    if (free === noRoom || most < 1) return free === noRoom ? noRoom : tooMany;
    this.#words[free] = this.#hash.low;
    this.#words[free + 1] = this.#hash.high;
    return this.#take(free);
  }

  #take(slot: number): number {
    Atomics.add(this.#words, slot + columnsAt + this.#column, 1);
    return slot;
  }

  #inside(slot: number): number {
    let sum = 0;
    for (let column = 0; column < this.#columns; column += 1) {
      sum += Atomics.load(this.#words, slot + columnsAt + column);
    }
    return sum;
  }
}
