import { Buffer } from "node:buffer";
import { errorCode, frameFlag, frameHeadBytes, frameType } from "./frame-names.ts";
import { frameProblem } from "./frame-rules.ts";

const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");

/** What becomes of the frames of one direction. Any call may stop the reader. */
export interface FrameHandler {
  /** A whole frame other than DATA; its payload is bytes `from` to `to`, which are only lent. */
  frame(type: number, flags: number, stream: number, bytes: Buffer, from: number, to: number): void;
  /** A DATA frame begins. @param length of its whole payload, padding and all, which is what windows count */
  dataBegins(stream: number, length: number): void;
  /** A piece of its data, which is the handler's from now on. */
  data(piece: Buffer): void;
  /** All of it has come. */
  dataEnds(isLast: boolean): void;
  /** The other side does not speak HTTP/2: the connection ends with this error. Nothing more is read. */
  malformed(code: number): void;
}

/**
 * Cuts what a client sends into frames, however it comes: the preface first. DATA goes on as it comes; other frames
 * are put together, none larger than 16 KiB.
 *
 * @see RFC 9113 §3.4, §4.1
 */
export class FrameReader {
  readonly #handler: FrameHandler;
  #prefaceAt = 0;
  /** Frame that has come in part, with its head; as large as what is known of it needs. */
  #held: Buffer | null = null;
  #heldLength = 0;
  #needed = 0;
  #inData = false;
  #dataFlags = 0;
  #dataLeft = 0;
  #paddingLeft = 0;
  #isPaddingUnknown = false;
  #isStopped = false;

  constructor(handler: FrameHandler) {
    this.#handler = handler;
  }

  stop(): void {
    this.#isStopped = true;
    this.#held = null;
  }

  push(bytes: Buffer): void {
    let at = this.#prefaceAt < preface.length ? this.#takePreface(bytes) : 0;
    while (at < bytes.length && !this.#isStopped) {
      if (this.#inData) at = this.#takeData(bytes, at);
      else if (this.#held !== null) at = this.#fill(bytes, at);
      else at = this.#takeFrame(bytes, at);
    }
  }

  #takePreface(bytes: Buffer): number {
    const length = Math.min(bytes.length, preface.length - this.#prefaceAt);
    if (preface.compare(bytes, 0, length, this.#prefaceAt, this.#prefaceAt + length) !== 0)
      this.#fail(errorCode.protocol);
    this.#prefaceAt += length;
    return length;
  }

  /** @returns where the next one begins */
  #takeFrame(bytes: Buffer, at: number): number {
    if (bytes.length - at < frameHeadBytes) return this.#hold(bytes, at, frameHeadBytes);
    const length = ((bytes[at] as number) << 16) | ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number);
    const type = bytes[at + 3] as number;
    const flags = bytes[at + 4] as number;
    const stream = bytes.readUInt32BE(at + 5) & 0x7fff_ffff;
    const problem = frameProblem(type, flags, stream, length);
    if (problem !== errorCode.none) return this.#fail(problem);
    const from = at + frameHeadBytes;
    if (type === frameType.data) return this.#beginData(flags, stream, length, from);
    if (bytes.length - from < length) return this.#hold(bytes, at, frameHeadBytes + length);
    this.#handler.frame(type, flags, stream, bytes, from, from + length);
    return from + length;
  }

  #hold(bytes: Buffer, at: number, needed: number): number {
    this.#held = Buffer.allocUnsafeSlow(needed);
    this.#needed = needed;
    this.#heldLength = bytes.copy(this.#held, 0, at);
    return bytes.length;
  }

  #fill(bytes: Buffer, at: number): number {
    const held = this.#held as Buffer;
    const taken = bytes.copy(held, this.#heldLength, at, at + this.#needed - this.#heldLength);
    this.#heldLength += taken;
    if (this.#heldLength === this.#needed) {
      this.#held = null;
      // Either a whole frame, or a head that now says how much more there is.
      this.#takeFrame(held, 0);
    }
    return at + taken;
  }

  #beginData(flags: number, stream: number, length: number, at: number): number {
    this.#isPaddingUnknown = (flags & frameFlag.padded) !== 0;
    if (this.#isPaddingUnknown && length === 0) return this.#fail(errorCode.frameSize);
    this.#dataFlags = flags;
    this.#dataLeft = length;
    this.#paddingLeft = 0;
    this.#inData = true;
    this.#handler.dataBegins(stream, length);
    if (length === 0) this.#endData();
    return at;
  }

  #takeData(bytes: Buffer, at: number): number {
    if (this.#isPaddingUnknown) return this.#takePaddingLength(bytes[at] as number, at + 1);
    const length = Math.min(bytes.length - at, this.#dataLeft);
    if (length > 0) {
      this.#dataLeft -= length;
      this.#handler.data(bytes.subarray(at, at + length));
    }
    const skipped = Math.min(bytes.length - at - length, this.#paddingLeft);
    this.#paddingLeft -= skipped;
    if (this.#dataLeft + this.#paddingLeft === 0) this.#endData();
    return at + length + skipped;
  }

  #takePaddingLength(padding: number, at: number): number {
    this.#isPaddingUnknown = false;
    if (padding >= this.#dataLeft) return this.#fail(errorCode.protocol);
    this.#dataLeft -= 1 + padding;
    this.#paddingLeft = padding;
    if (this.#dataLeft + padding === 0) this.#endData();
    return at;
  }

  #endData(): void {
    this.#inData = false;
    if (!this.#isStopped) this.#handler.dataEnds((this.#dataFlags & frameFlag.endStream) !== 0);
  }

  #fail(code: number): number {
    this.stop();
    this.#handler.malformed(code);
    return Infinity;
  }
}
