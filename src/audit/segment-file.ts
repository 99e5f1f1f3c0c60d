import { Buffer } from "node:buffer";
import type { Disk } from "./disk.ts";

/**
 * One open segment with the lines that are on their way into it. They go out in one write a batch; what the disk does
 * not take stays, in order, for the next try.
 */
export class SegmentFile {
  readonly number: number;
  readonly #disk: Disk;
  readonly #file: number;
  /** The batch under way, from `#written` on. A full disk may take half of it. */
  #batch: Buffer | null = null;
  #written = 0;
  #lines: Buffer[] = [];
  #lineBytes = 0;
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

  get unsynced(): boolean {
    return this.#unsynced;
  }

  /** Bytes that are not in the file yet. */
  get pending(): number {
    return this.#lineBytes + (this.#batch === null ? 0 : this.#batch.length - this.#written);
  }

  add(line: Buffer): void {
    this.#lines.push(line);
    this.#lineBytes += line.length;
  }

  /** Writes all that is pending. @throws whatever the disk throws; nothing is lost by it. */
  write(): void {
    while (this.#batch !== null || this.#lines.length > 0) {
      const batch = this.#batch ?? this.#nextBatch();
      while (this.#written < batch.length) {
        const taken = this.#disk.write(this.#file, batch, this.#written);
        this.#written += taken;
        this.#size += taken;
        this.#unsynced = true;
      }
      this.#batch = null;
    }
  }

  sync(): void {
    if (!this.#unsynced) return;
    this.#disk.sync(this.#file);
    this.#unsynced = false;
  }

  close(): void {
    this.#disk.close(this.#file);
  }

  #nextBatch(): Buffer {
    const batch = this.#lines.length === 1 ? (this.#lines[0] as Buffer) : Buffer.concat(this.#lines, this.#lineBytes);
    this.#lines = [];
    this.#lineBytes = 0;
    this.#written = 0;
    this.#batch = batch;
    return batch;
  }
}
