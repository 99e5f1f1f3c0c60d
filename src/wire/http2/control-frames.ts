import { Buffer } from "node:buffer";
import { frameFlag, frameHeadBytes, frameType } from "./frame-names.ts";
import { writeFrameHead } from "./frame-writer.ts";

/** A client that asks and asks and takes no answer has this much of it kept. */
const mostBytes = 64 * 1024;
const firstBytes = 256;
/** Room that is given back when nothing waits in it any more. */
const keptBytes = 4096;

/** Frames of the connection, and short ones of its streams, that wait to be written. */
export class ControlFrames {
  bytes: Buffer = Buffer.allocUnsafeSlow(firstBytes);
  length = 0;
  /** More waits than anybody leaves untaken who reads at all. */
  isFull = false;

  /** They have been copied. */
  clear(): void {
    this.length = 0;
    if (this.bytes.length > keptBytes) this.bytes = Buffer.allocUnsafeSlow(firstBytes);
  }

  settings(pairs: readonly (readonly [number, number])[]): void {
    this.#head(pairs.length * 6, frameType.settings, 0, 0);
    for (const [name, value] of pairs) {
      this.length = this.bytes.writeUInt16BE(name, this.length);
      this.#number(value);
    }
  }

  settingsAck(): void {
    this.#head(0, frameType.settings, frameFlag.ack, 0);
  }

  pong(payload: Buffer, from: number): void {
    this.#head(8, frameType.ping, frameFlag.ack, 0);
    if (!this.isFull) this.length += payload.copy(this.bytes, this.length, from, from + 8);
  }

  windowUpdate(stream: number, bytes: number): void {
    this.#head(4, frameType.windowUpdate, 0, stream);
    this.#number(bytes);
  }

  reset(stream: number, code: number): void {
    this.#head(4, frameType.reset, 0, stream);
    this.#number(code);
  }

  goAway(lastStream: number, code: number): void {
    this.#head(8, frameType.goAway, 0, 0);
    this.#number(lastStream);
    this.#number(code);
  }

  #head(length: number, type: number, flags: number, stream: number): void {
    const needed = this.length + frameHeadBytes + length;
    if (needed > mostBytes) this.isFull = true;
    if (this.isFull) return;
    if (needed > this.bytes.length) this.#grow(needed);
    this.length = writeFrameHead(this.bytes, this.length, length, type, flags, stream);
  }

  #number(value: number): void {
    if (!this.isFull) this.length = this.bytes.writeUInt32BE(value, this.length);
  }

  #grow(needed: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }
}
