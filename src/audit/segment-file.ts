import { Buffer } from "node:buffer";
import { chainInPlace, chainOverhead, type ChainState } from "./chain.ts";
import type { Disk } from "./disk.ts";

/** Enough for what comes between two writes of a busy gateway. */
const usualBytes = 4 * 1024 * 1024;
/** A byte in front of the first line, which hashing it needs. */
const front = 1;

/**
 * One open segment with the lines that are on their way into it. They are chained in the very memory that goes out, in
 * one write a batch; what the disk does not take stays, in order, for the next try.
 */
export class SegmentFile {
  readonly number: number;
  readonly #disk: Disk;
  readonly #file: number;
  #bytes: Buffer = Buffer.allocUnsafeSlow(usualBytes);
  /** What is pending. A full disk may take half of a batch. */
  #from = front;
  #to = front;
  #size: number;
  #unsynced = false;

  constructor(disk: Disk, file: number, number: number, size: number) {
    this.#disk = disk;
    this.#file = file;
    this.number = number;
    this.#size = size;
  }

  /** Bytes in the file. */
  get size(): number {
    return this.#size;
  }

  /** Bytes that are not in the file yet. */
  get pending(): number {
    return this.#to - this.#from;
  }

  /**
   * Chains a record, which stands from `start` to `end`, behind `state`. The bytes are copied.
   * @returns the state after it
   */
  add(state: ChainState, record: Buffer, start: number, end: number): ChainState {
    const most = end - start + chainOverhead + 1;
    if (this.#to + most > this.#bytes.length) this.#makeRoom(most);
    record.copy(this.#bytes, this.#to, start, end);
    const chained = chainInPlace(state, this.#bytes, this.#to, this.#to + end - start);
    this.#to = chained.end;
    return chained;
  }

  /** Writes all that is pending. @throws whatever the disk throws; nothing is lost by it. */
  write(): void {
    while (this.#from < this.#to) {
      const taken = this.#disk.write(this.#file, this.#bytes.subarray(0, this.#to), this.#from);
      this.#from += taken;
      this.#size += taken;
      this.#unsynced = true;
    }
    this.#from = front;
    this.#to = front;
    if (this.#bytes.length > usualBytes) this.#bytes = Buffer.allocUnsafeSlow(usualBytes);
  }

  sync(): void {
    if (!this.#unsynced) return;
    this.#disk.sync(this.#file);
    this.#unsynced = false;
  }

  close(): void {
    this.#disk.close(this.#file);
  }

  #makeRoom(most: number): void {
    const { pending } = this;
    const held = this.#bytes;
    if (front + pending + most > held.length) this.#bytes = Buffer.allocUnsafeSlow(2 * (held.length + most));
    held.copy(this.#bytes, front, this.#from, this.#to);
    this.#from = front;
    this.#to = front + pending;
  }
}
