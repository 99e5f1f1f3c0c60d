import { ByteBuffer } from "./byte-buffer.ts";

const sectionEnd = Buffer.from("\r\n\r\n", "latin1");
const lineEnd = sectionEnd.subarray(0, 2);

/** A header or trailer section that comes in more than one read, until its empty line. */
export class Section {
  readonly #pending = new ByteBuffer();
  #checked = 0;
  /** What is wrong, once something is. */
  problem: string | null = null;

  clear(): void {
    this.#pending.clear();
    this.#checked = 0;
    this.problem = null;
  }

  /** Starts behind a line of its own, so that a section without fields ends in an empty line too. */
  openAfterLine(): void {
    this.clear();
    this.#pending.append(lineEnd, 0, 2);
  }

  get isEmpty(): boolean {
    return this.#pending.length === 0;
  }

  /**
   * Takes bytes from `at` on.
   * @param limit bytes of the section without its empty line.
   * @returns where to go on, when the section is whole; -1 when it is not, or is refused.
   */
  take(bytes: Buffer, at: number, limit: number): number {
    const before = this.#pending.length;
    this.#pending.append(bytes, at, Math.min(bytes.length, at + limit + 5 - before));
    const end = this.#pending.bytes.indexOf(sectionEnd, Math.max(0, before - 3));
    if (end >= 0 && end <= limit) {
      this.#pending.length = end + 2;
      return at + end + 4 - before;
    }
    if (end > limit || this.#pending.length > limit + 3) this.problem = "section too large";
    else this.#check();
    return -1;
  }

  /** The whole section as text from `from` on, each line with its end; the memory is free again. */
  text(from: number): string {
    const text = this.#pending.bytes.toString("latin1", from);
    this.clear();
    return text;
  }

  /** At most the first `length` characters of what is there. */
  beginning(length: number): string {
    const { bytes } = this.#pending;
    return bytes.toString("latin1", 0, Math.min(bytes.length, length));
  }

  /** Whether what is there may become `wanted` or something that begins so. */
  mayBegin(wanted: string): boolean {
    return wanted.startsWith(this.beginning(wanted.length));
  }

  /** What can never become valid is refused now, and not when the peer, or a timeout, ends the wait. */
  #check(): void {
    const { bytes } = this.#pending;
    for (let at = this.#checked; at < bytes.length; at += 1) {
      const byte = bytes[at];
      const before = bytes[at - 1];
      if (byte === 0x0a && before !== 0x0d) this.problem = "bare line feed";
      if (before === 0x0a && (byte === 0x20 || byte === 0x09)) this.problem = "folded field";
      if (byte === 0x0d && at + 1 < bytes.length && bytes[at + 1] !== 0x0a) this.problem = "bare carriage return";
    }
    this.#checked = Math.max(0, bytes.length - 1);
  }
}
