import { Buffer } from "node:buffer";
import { frameFlag, frameHeadBytes, frameType, maxPayload } from "./frame-names.ts";
import type { HeaderEncoder } from "./header-encoder.ts";

/** Taken from the system at once. What a slow client has not taken yet keeps its slab, so that they are no larger. */
const slabBytes = 64 * 1024;

/**
 * Puts the frames of one write side by side, so that they go out together. One a thread: each write is begun, filled
 * and taken without anything between.
 */
export class FrameWriter {
  #slab = Buffer.allocUnsafeSlow(slabBytes);
  #start = 0;
  #at = 0;
  #pieces: Buffer[] = [];
  /** Bytes since {@link begin}. */
  #before = 0;

  get size(): number {
    return this.#before + this.#at - this.#start;
  }

  begin(): void {
    this.#start = this.#at;
    this.#before = 0;
  }

  /** What has been written, in order; empty when nothing was. */
  take(): readonly Buffer[] {
    this.#cut();
    const pieces = this.#pieces;
    this.#pieces = [];
    return pieces;
  }

  /** Frames that stand already. */
  frames(bytes: Buffer, length: number): void {
    this.#room(length);
    bytes.copy(this.#slab, this.#at, 0, length);
    this.#at += length;
  }

  /** The head of a frame whose payload, at most {@link maxPayload}, is what is put behind it. */
  head(length: number, type: number, flags: number, stream: number): void {
    this.#room(frameHeadBytes + length);
    this.#at = writeFrameHead(this.#slab, this.#at, length, type, flags, stream);
  }

  put(bytes: Uint8Array, from: number, to: number): void {
    this.#slab.set(from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to), this.#at);
    this.#at += to - from;
  }

  reset(stream: number, code: number): void {
    this.head(4, frameType.reset, 0, stream);
    this.#at = this.#slab.writeUInt32BE(code, this.#at);
  }

  /** @param flags END_STREAM or nothing */
  headers(encoder: HeaderEncoder, fields: readonly string[], flags: number, stream: number): void {
    const bound = encoder.bound(fields);
    if (bound > maxPayload) return this.#longHeaders(encoder, fields, flags, stream, bound);
    this.#room(frameHeadBytes + bound);
    const from = this.#at + frameHeadBytes;
    const end = encoder.write(fields, this.#slab, from);
    writeFrameHead(this.#slab, this.#at, end - from, frameType.headers, flags | frameFlag.endHeaders, stream);
    this.#at = end;
    return undefined;
  }

  #longHeaders(encoder: HeaderEncoder, fields: readonly string[], flags: number, stream: number, bound: number): void {
    const block = Buffer.allocUnsafeSlow(bound);
    const end = encoder.write(fields, block, 0);
    for (let from = 0; from === 0 || from < end; from += maxPayload) {
      const to = Math.min(end, from + maxPayload);
      const type = from === 0 ? frameType.headers : frameType.continuation;
      const more = from === 0 ? flags : 0;
      this.head(to - from, type, to === end ? more | frameFlag.endHeaders : more, stream);
      this.put(block, from, to);
    }
  }

  #room(bytes: number): void {
    if (this.#slab.length - this.#at >= bytes) return;
    this.#cut();
    this.#slab = Buffer.allocUnsafeSlow(Math.max(slabBytes, bytes));
    this.#start = 0;
    this.#at = 0;
  }

  #cut(): void {
    if (this.#at === this.#start) return;
    this.#pieces.push(this.#slab.subarray(this.#start, this.#at));
    this.#before += this.#at - this.#start;
    this.#start = this.#at;
  }
}

/** @returns where the payload begins */
export function writeFrameHead(
  out: Buffer,
  at: number,
  length: number,
  type: number,
  flags: number,
  stream: number,
): number {
  out[at] = length >>> 16;
  out[at + 1] = length >>> 8;
  out[at + 2] = length;
  out[at + 3] = type;
  out[at + 4] = flags;
  out[at + 5] = stream >>> 24;
  out[at + 6] = stream >>> 16;
  out[at + 7] = stream >>> 8;
  out[at + 8] = stream;
  return at + frameHeadBytes;
}
