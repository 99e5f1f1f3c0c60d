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

export function attachRingReader(shared: SharedRing): RingReader {
  return new RingReader(shared);
}

export class RingReader {
  readonly #words: Int32Array;
  readonly #bytes: Buffer;
  readonly #size: number;
  readonly #record: Buffer;
  readonly #spaceBell: Doorbell;
  readonly #durableBell: Doorbell;
  #sequence: number = 0;

  constructor(shared: SharedRing) {
    this.#words = new Int32Array(shared.buffer);
    this.#bytes = Buffer.from(shared.buffer, HEADER_BYTES);
    this.#size = this.#bytes.length;
    this.#record = Buffer.allocUnsafeSlow(maxRecordBytes(this.#size));
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
   * Hands on up to `max` records, oldest first; the bytes are good only during the call. A record counts as taken when
   * `take` has returned: if it throws, that record comes again. Returns how many were taken.
   */
  drain(max: number, take: (record: Uint8Array) => void): number {
    const tail = Atomics.load(this.#words, TAIL) >>> 0;
    let head = Atomics.load(this.#words, HEAD) >>> 0;
    let count = 0;
    try {
      for (; count < max && head !== tail; count++) {
        const record = this.#read(head);
        take(record);
        head = (head + placeFor(record.byteLength)) >>> 0;
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

  /** A private copy: neither hashing nor writing can rely on memory that another thread may reach. */
  #read(head: number): Uint8Array {
    const at = (head & (this.#size - 1)) >>> 0;
    const length = this.#words[(HEADER_BYTES + at) / 4]!;
    const start = (at + LENGTH_BYTES) & (this.#size - 1);
    const first = Math.min(length, this.#size - start);
    this.#bytes.copy(this.#record, 0, start, start + first);
    this.#bytes.copy(this.#record, first, 0, length - first);
    return this.#record.subarray(0, length);
  }
}
