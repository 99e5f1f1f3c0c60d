import { Buffer } from "node:buffer";

/** A head up to this size is kept, to be known when the peer sends it again. */
const rememberedBytes = 4096;
/** After so many heads in a row that were all new, only one in as many is kept and looked for: those of this peer differ. */
const patience = 16;

/**
 * The last head of a connection, byte by byte, and what was read from it. Peers send the same head again and again, and
 * to see that it is the same costs less than to read it. At most 4 KiB a connection.
 */
export class RememberedHead<Head> {
  #bytes: Buffer | null = null;
  #length = 0;
  #head: Head | null = null;
  #news = 0;

  /** @returns what was read from the same bytes, or null */
  find(bytes: Buffer, from: number, to: number): Head | null {
    const length = to - from;
    if (this.#head === null || this.#length !== length || !this.#isTried) return null;
    if ((this.#bytes as Buffer).compare(bytes, from, to, 0, length) !== 0) return null;
    this.#news = 0;
    return this.#head;
  }

  /** @param head nobody else's: whoever finds it copies what may change */
  keep(bytes: Buffer, from: number, to: number, head: Head): void {
    const length = to - from;
    if (!this.#wants(length)) return;
    if (this.#bytes === null || this.#bytes.length < length) this.#bytes = Buffer.allocUnsafeSlow(length);
    bytes.copy(this.#bytes, 0, from, to);
    this.#length = length;
    this.#head = head;
  }

  forget(): void {
    this.#bytes = null;
    this.#head = null;
  }

  #wants(length: number): boolean {
    if (length > rememberedBytes) return false;
    this.#news += 1;
    return this.#isTried;
  }

  get #isTried(): boolean {
    return this.#news <= patience || this.#news % patience === 0;
  }
}
