import { Buffer } from "node:buffer";

/** Close code: what the client does is against the rules here. @see RFC 6455 §7.4.1 */
export const policyViolation = 1008;

const closing = 0x8;
const final = 0x80;

/** Follows the frames of one direction by their heads alone. @see RFC 6455 §5.2 */
export class FrameBoundary {
  /** Two bytes, up to eight of length, and four of mask. */
  readonly #head: Buffer = Buffer.alloc(14);
  #have = 0;
  #left = 0;
  #closed = false;

  /** Another frame can be put here: none is on its way, and none says that it was the last. */
  get isBetween(): boolean {
    return this.#have === 0 && this.#left === 0 && !this.#closed;
  }

  take(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.byteLength;) {
      if (this.#left > 0) {
        const step = Math.min(this.#left, chunk.byteLength - at);
        this.#left -= step;
        at += step;
      } else {
        this.#takeHead(chunk[at] as number);
        at += 1;
      }
    }
  }

  #takeHead(byte: number): void {
    const head = this.#head;
    head[this.#have] = byte;
    this.#have += 1;
    if (this.#have < 2 || this.#have < headBytes(head[1] as number)) return;
    this.#have = 0;
    this.#left = payloadBytes(head);
    if (((head[0] as number) & 0x0f) === closing) this.#closed = true;
  }
}

function headBytes(second: number): number {
  const length = second & 0x7f;
  const more = length === 127 ? 8 : length === 126 ? 2 : 0;
  return 2 + more + (second & 0x80 ? 4 : 0);
}

function payloadBytes(head: Buffer): number {
  const length = (head[1] as number) & 0x7f;
  if (length < 126) return length;
  return length === 126 ? head.readUInt16BE(2) : head.readUInt32BE(2) * 2 ** 32 + head.readUInt32BE(6);
}

/** A server's close frame, which is not masked. `reason`: at most 123 bytes. @see RFC 6455 §5.5.1 */
export function closeFrame(code: number, reason: string): Buffer {
  const text = Buffer.from(reason, "utf8");
  const head = Buffer.from([final | closing, 2 + text.byteLength, code >> 8, code & 0xff]);
  return Buffer.concat([head, text]);
}
