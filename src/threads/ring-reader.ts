import { Doorbell } from "./doorbell.ts";
import {
  DURABLE,
  FAILED,
  HEAD,
  HEADER_BYTES,
  LENGTH_BYTES,
  maxRecordBytes,
  placeFor,
  TAIL,
  type SharedRing,
} from "./ring.ts";

/** Taken over at a time: what stays in the cache of one core until it is hashed. */
const lotBytes = 64 * 1024;

export function attachRingReader(shared: SharedRing): RingReader {
  return new RingReader(shared);
}

export class RingReader {
  readonly #words: Int32Array;
  readonly #bytes: Buffer;
  readonly #size: number;
  readonly #lot: Buffer;
  readonly #lotWords: Int32Array;
  readonly #spaceBell: Doorbell;
  readonly #durableBell: Doorbell;
  #sequence: number = 0;

  constructor(shared: SharedRing) {
    this.#words = new Int32Array(shared.buffer);
    this.#bytes = Buffer.from(shared.buffer, HEADER_BYTES);
    this.#size = this.#bytes.length;
    this.#lot = Buffer.allocUnsafeSlow(Math.max(lotBytes, placeFor(maxRecordBytes(this.#size))));
    this.#lotWords = new Int32Array(this.#lot.buffer);
    this.#spaceBell = new Doorbell(shared.spaceBell);
    this.#durableBell = new Doorbell(shared.durableBell);
  }

  /** Of the last record drained. */
  get sequence(): number {
    return this.#sequence;
  }

  get isEmpty(): boolean {
    return Atomics.load(this.#words, HEAD) === Atomics.load(this.#words, TAIL);
  }

  /**
   * Hands on up to `max` records, oldest first, each as the bytes from `start` to `end`, good only during the call. A
   * record counts as taken when `take` has returned: if it throws, that record comes again. Returns how many were taken.
   */
  drain(max: number, take: (bytes: Buffer, start: number, end: number) => void): number {
    const tail = Atomics.load(this.#words, TAIL) >>> 0;
    let head = Atomics.load(this.#words, HEAD) >>> 0;
    let count = 0;
    try {
      while (count < max && head !== tail) {
        const held = this.#fetch(head, (tail - head) >>> 0);
        for (let at = 0; count < max && at < held; count++) {
          const length = this.#lotWords[at / 4]!;
          const place = placeFor(length);
          if (at > 0 && at + place > held) break;
          take(this.#lot, at + LENGTH_BYTES, at + LENGTH_BYTES + length);
          at += place;
          head = (head + place) >>> 0;
        }
      }
    } finally {
      this.#advance(head, count);
    }
    return count;
  }

  /** Everything up to `sequence` is on disk. */
  publishDurable(sequence: number): void {
    Atomics.store(this.#words, DURABLE, sequence | 0);
    this.#durableBell.ring();
  }

  /** The disk refuses (or works again): whoever waits for durability is told. */
  publishFailed(failed: boolean): void {
    const before = Atomics.load(this.#words, FAILED);
    if ((before % 2 === 1) === failed) return;
    Atomics.store(this.#words, FAILED, before + 1);
    this.#durableBell.ring();
  }

  #advance(head: number, count: number): void {
    if (count === 0) return;
    this.#sequence += count;
    Atomics.store(this.#words, HEAD, head | 0);
    this.#spaceBell.ring();
  }

  /**
   * A private copy: neither hashing nor writing can rely on memory that another thread may reach. Of many records at a
   * time: each copy is a call, and a new view of each record would be as much again.
   * @returns how many bytes: one record at least, and possibly only the beginning of the last
   */
  #fetch(head: number, waiting: number): number {
    const at = (head & (this.#size - 1)) >>> 0;
    const first = placeFor(this.#words[(HEADER_BYTES + at) / 4]!);
    const bytes = Math.max(first, Math.min(waiting, lotBytes));
    const before = Math.min(bytes, this.#size - at);
    this.#bytes.copy(this.#lot, 0, at, at + before);
    if (before < bytes) this.#bytes.copy(this.#lot, before, 0, bytes - before);
    return bytes;
  }
}
