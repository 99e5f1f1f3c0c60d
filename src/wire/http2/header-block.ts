import { Buffer } from "node:buffer";
import { errorCode, frameFlag } from "./frame-names.ts";

/** More frames than this for one header are a flood of them (CVE-2024-27316). */
const mostFrames = 64;

/** A header block that comes in one frame or more. While it does, the connection may carry nothing else. */
export class HeaderBlock {
  readonly #mostBytes: number;
  #stream = 0;
  #isLast = false;
  #frames = 0;
  #pieces: Buffer[] = [];
  #length = 0;
  bytes: Buffer = Buffer.alloc(0);
  from = 0;
  to = 0;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** Of the block that is under way; 0: there is none. */
  get stream(): number {
    return this.#stream;
  }

  /** The stream's other side ends with it. */
  get isLast(): boolean {
    return this.#isLast;
  }

  /** HEADERS. Lends its bytes when nothing follows: read them before anything else comes. @returns an error code, or none */
  begin(flags: number, stream: number, bytes: Buffer, from: number, to: number): number {
    let start = from;
    let end = to;
    if ((flags & frameFlag.padded) !== 0) {
      if (start >= end) return errorCode.frameSize;
      end -= bytes[start] as number;
      start += 1;
    }
    if ((flags & frameFlag.priority) !== 0) start += 5;
    if (start > end) return errorCode.protocol;
    this.#isLast = (flags & frameFlag.endStream) !== 0;
    if ((flags & frameFlag.endHeaders) !== 0) this.#lend(bytes, start, end);
    else {
      this.#stream = stream;
      return this.#add(bytes, start, end);
    }
    return errorCode.none;
  }

  /** CONTINUATION. @returns an error code, or none; the block is whole when {@link stream} is 0 */
  continue(flags: number, bytes: Buffer, from: number, to: number): number {
    const problem = this.#add(bytes, from, to);
    if (problem !== errorCode.none || (flags & frameFlag.endHeaders) === 0) return problem;
    this.#lend(this.#pieces.length === 1 ? (this.#pieces[0] as Buffer) : Buffer.concat(this.#pieces), 0, this.#length);
    this.clear();
    return errorCode.none;
  }

  clear(): void {
    this.#stream = 0;
    this.#frames = 0;
    this.#length = 0;
    this.#pieces = [];
  }

  #lend(bytes: Buffer, from: number, to: number): void {
    this.bytes = bytes;
    this.from = from;
    this.to = to;
  }

  #add(bytes: Buffer, from: number, to: number): number {
    this.#frames += 1;
    this.#length += to - from;
    if (this.#frames > mostFrames || this.#length > this.#mostBytes) return errorCode.calm;
    this.#pieces.push(Buffer.from(bytes.subarray(from, to)));
    return errorCode.none;
  }
}
