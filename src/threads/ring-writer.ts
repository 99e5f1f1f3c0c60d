import { GatewayError } from "#model/errors.ts";
import { Doorbell } from "./doorbell.ts";
import { DurableWaits } from "./durable-waits.ts";
import {
  DURABLE,
  FAILED,
  HEAD,
  HEADER_BYTES,
  LENGTH_BYTES,
  maxRecordBytes,
  placeFor,
  TAIL,
  TAKEN,
  type SharedRing,
} from "./ring.ts";
import { SpaceWait } from "./space-wait.ts";

/** @throws GatewayError `internal` when the ring already has a producer. */
export function attachRingWriter(shared: SharedRing): RingWriter {
  return new RingWriter(shared);
}

export class RingWriter {
  /** A larger record is refused with an error. */
  readonly maxRecordBytes: number;
  readonly #words: Int32Array;
  readonly #bytes: Buffer;
  readonly #size: number;
  readonly #scratch: Buffer;
  readonly #bell: Doorbell;
  readonly #space: SpaceWait;
  readonly #durable: DurableWaits;
  #sequence: number = 0;
  #tail: number;

  constructor(shared: SharedRing) {
    this.#words = new Int32Array(shared.buffer);
    this.#bytes = Buffer.from(shared.buffer, HEADER_BYTES);
    this.#size = this.#bytes.length;
    this.#tail = Atomics.load(this.#words, TAIL) >>> 0;
    this.maxRecordBytes = maxRecordBytes(this.#size);
    this.#scratch = Buffer.allocUnsafeSlow(this.maxRecordBytes);
    this.#bell = new Doorbell(shared.bell);
    this.#space = new SpaceWait(() => this.hasSpace, new Doorbell(shared.spaceBell));
    this.#durable = new DurableWaits(this, new Doorbell(shared.durableBell));
    if (Atomics.exchange(this.#words, TAKEN, 1) !== 0) {
      throw new GatewayError("internal", 500, "a ring has one producer, for its life");
    }
  }

  /** Of the last record pushed; the first is 1. */
  get sequence(): number {
    return this.#sequence;
  }

  /** Up to which sequence everything is on disk. */
  get durable(): number {
    return this.#sequence - ((this.#sequence - Atomics.load(this.#words, DURABLE)) >>> 0);
  }

  /** The consumer says it cannot write: the records may be taken, but nothing is durable until it recovers. */
  get failed(): boolean {
    return this.failures % 2 === 1;
  }

  /** Grows by one when the consumer fails, and when it recovers. */
  get failures(): number {
    return Atomics.load(this.#words, FAILED);
  }

  /** Any legal record would fit. */
  get hasSpace(): boolean {
    return this.#free() >= this.#size / 4;
  }

  /**
   * Copies a record in (a string as UTF-8).
   * @returns its sequence, or 0 when the ring is full: wait for {@link whenSpace}, then try again.
   * @throws GatewayError `audit-unavailable` for a record above {@link maxRecordBytes}
   */
  tryPush(record: Uint8Array | string): number {
    const length = typeof record === "string" ? Buffer.byteLength(record, "utf8") : record.byteLength;
    if (length > this.maxRecordBytes) throw new GatewayError("audit-unavailable", 503, "a record is too large");
    if (this.#free() < placeFor(length)) return 0;
    const at = (this.#tail & (this.#size - 1)) >>> 0;
    this.#words[(HEADER_BYTES + at) / 4] = length;
    this.#fill((at + LENGTH_BYTES) & (this.#size - 1), record, length);
    this.#tail = (this.#tail + placeFor(length)) >>> 0;
    this.#sequence++;
    // Only now does the record exist: a worker that dies before leaves nothing torn.
    Atomics.store(this.#words, TAIL, this.#tail | 0);
    this.#bell.ringSoon();
    return this.#sequence;
  }

  /** Resolves when {@link hasSpace}. All who wait share one promise. */
  whenSpace(): Promise<void> {
    return this.#space.wait();
  }

  /**
   * Resolves when a record is on disk.
   * @throws GatewayError `audit-unavailable` when the consumer has failed since, even if it has recovered: what was
   *   under way then may be lost
   */
  whenDurable(sequence: number): Promise<void> {
    return this.#durable.wait(sequence);
  }

  #free(): number {
    return this.#size - ((this.#tail - Atomics.load(this.#words, HEAD)) >>> 0);
  }

  #fill(at: number, record: Uint8Array | string, length: number): void {
    const room = this.#size - at;
    if (typeof record !== "string") {
      this.#copy(at, record, room);
    } else if (length <= room) {
      this.#bytes.write(record, at, length, "utf8");
    } else {
      this.#scratch.write(record, 0, length, "utf8");
      this.#copy(at, this.#scratch.subarray(0, length), room);
    }
  }

  #copy(at: number, record: Uint8Array, room: number): void {
    if (record.byteLength <= room) {
      this.#bytes.set(record, at);
    } else {
      this.#bytes.set(record.subarray(0, room), at);
      this.#bytes.set(record.subarray(room), 0);
    }
  }
}
