import { Buffer } from "node:buffer";
import { frameFlag, frameHeadBytes, frameType, maxPayload } from "./frame-names.ts";
import type { HeaderEncoder } from "./header-encoder.ts";

/**
 * One write and what its last frame may add to it. What a slow client has not taken yet keeps its slab, so that they are
 * no larger.
 */
const slabBytes = 96 * 1024;
/** Kept for use again by a thread: 1.5 MiB. */
const mostFree = 16;

/** Memory that writes lie in, one behind the other, and how many of them have not been taken by the system yet. */
class Slab {
  readonly memory: Buffer;
  writes = 0;

  constructor(bytes: number) {
    this.memory = Buffer.allocUnsafeSlow(bytes);
  }
}

/** One write, all of it in one piece of memory, which is used again when {@link FrameWriter.written} is told of it. */
export interface FrameWrite {
  readonly bytes: Buffer;
  readonly slab: Slab;
}

/**
 * Puts the frames of one write side by side, so that they go out together. One a thread: each write is begun, filled
 * and taken without anything between.
 */
export class FrameWriter {
  #slab = new Slab(slabBytes);
  readonly #free: Slab[] = [];
  #start = 0;
  #at = 0;

  /** Bytes since {@link begin}. */
  get size(): number {
    return this.#at - this.#start;
  }

  get #memory(): Buffer {
    return this.#slab.memory;
  }

  begin(): void {
    // The same memory again, which is in a cache.
    if (this.#slab.writes === 0) this.#at = 0;
    this.#start = this.#at;
  }

  /** What has been written; null: nothing was. */
  take(): FrameWrite | null {
    if (this.#at === this.#start) return null;
    this.#slab.writes += 1;
    return { bytes: this.#memory.subarray(this.#start, this.#at), slab: this.#slab };
  }

  /** The system has taken it. Of a write that failed nobody says whether the system is done with it. */
  written({ slab }: FrameWrite): void {
    slab.writes -= 1;
    if (slab.writes > 0 || slab === this.#slab) return;
    if (this.#free.length < mostFree && slab.memory.length === slabBytes) this.#free.push(slab);
  }

  /** Frames that stand already. */
  frames(bytes: Buffer, length: number): void {
    this.#room(length);
    bytes.copy(this.#memory, this.#at, 0, length);
    this.#at += length;
  }

  /** The head of a frame whose payload, at most {@link maxPayload}, is what is put behind it. */
  head(length: number, type: number, flags: number, stream: number): void {
    this.#room(frameHeadBytes + length);
    this.#at = writeFrameHead(this.#memory, this.#at, length, type, flags, stream);
  }

  put(bytes: Uint8Array, from: number, to: number): void {
    this.#memory.set(from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to), this.#at);
    this.#at += to - from;
  }

  reset(stream: number, code: number): void {
    this.head(4, frameType.reset, 0, stream);
    this.#at = this.#memory.writeUInt32BE(code, this.#at);
  }

  /** @param flags END_STREAM or nothing */
  headers(encoder: HeaderEncoder, fields: readonly string[], flags: number, stream: number): void {
    const bound = encoder.bound(fields);
    if (bound > maxPayload) return this.#longHeaders(encoder, fields, flags, stream, bound);
    this.#room(frameHeadBytes + bound);
    const from = this.#at + frameHeadBytes;
    const end = encoder.write(fields, this.#memory, from);
    writeFrameHead(this.#memory, this.#at, end - from, frameType.headers, flags | frameFlag.endHeaders, stream);
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

  /** What has been written so far moves along, since it goes out in one. */
  #room(bytes: number): void {
    const from = this.#memory;
    if (from.length - this.#at >= bytes) return;
    const { size } = this;
    this.#slab = size + bytes > slabBytes ? new Slab(size + bytes) : (this.#free.pop() ?? new Slab(slabBytes));
    from.copy(this.#memory, 0, this.#start, this.#at);
    this.#start = 0;
    this.#at = size;
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
