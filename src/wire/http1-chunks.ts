/** Limits of one chunked body beyond its data. */
export interface ChunkLimits {
  /** Longest extension part of a chunk-size line. */
  readonly extensionBytes: number;
  /** All extensions of a body together: tiny chunks with long extensions cost us much and the sender little. */
  readonly extensionTotal: number;
}

const inSize = 0;
const inExtension = 1;
const beforeSizeLineFeed = 2;
const inData = 3;
const beforeDataReturn = 4;
const beforeDataLineFeed = 5;
const atLastChunk = 6;
const refused = 7;

const maxSizeDigits = 12;
const extensionSyntax =
  /^(?:;[\w!#$%&'*+.^`|~-]+(?:=(?:[\w!#$%&'*+.^`|~-]+|"(?:[\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t\x20-\x7e\x80-\xff])*"))?)+$/;

/**
 * Takes the chunks of a body apart, up to and with the line of the last chunk; the trailer section is the caller's.
 * @see RFC 9112 §7.1
 */
export class ChunkReader {
  readonly #limits: ChunkLimits;
  #state = inSize;
  #size = 0;
  #digits = 0;
  #extension = "";
  #extensionTotal = 0;
  /** What is wrong, once something is. */
  problem: string | null = null;

  constructor(limits: ChunkLimits) {
    this.#limits = limits;
  }

  reset(): void {
    this.#state = inSize;
    this.#size = 0;
    this.#digits = 0;
    this.#extension = "";
    this.#extensionTotal = 0;
    this.problem = null;
  }

  /** The last chunk's line has been read. */
  get finished(): boolean {
    return this.#state === atLastChunk;
  }

  /**
   * The next piece of body data of `bytes` at or after `from`, as two numbers left in {@link dataStart} and
   * {@link dataEnd} (equal: none). @returns where to go on.
   */
  next(bytes: Uint8Array, from: number): number {
    let at = from;
    this.dataStart = at;
    this.dataEnd = at;
    while (at < bytes.length && this.#state < atLastChunk) {
      if (this.#state === inData) return this.#takeData(bytes, at);
      this.#control(bytes[at] as number);
      at += 1;
    }
    return at;
  }

  dataStart = 0;
  dataEnd = 0;

  #takeData(bytes: Uint8Array, at: number): number {
    const take = Math.min(this.#size, bytes.length - at);
    this.#size -= take;
    if (this.#size === 0) this.#state = beforeDataReturn;
    this.dataStart = at;
    this.dataEnd = at + take;
    return at + take;
  }

  #control(byte: number): void {
    switch (this.#state) {
      case inSize:
        return this.#sizeByte(byte);
      case inExtension:
        return this.#extensionByte(byte);
      case beforeSizeLineFeed:
        return this.#expect(byte, 0x0a, this.#size === 0 ? atLastChunk : inData);
      case beforeDataReturn:
        return this.#expect(byte, 0x0d, beforeDataLineFeed);
      default:
        this.#digits = 0;
        return this.#expect(byte, 0x0a, inSize);
    }
  }

  #sizeByte(byte: number): void {
    const digit = hexValue(byte);
    if (digit >= 0) {
      this.#digits += 1;
      this.#size = this.#size * 16 + digit;
      if (this.#digits > maxSizeDigits) this.#refuse("chunk size too large");
      return;
    }
    if (this.#digits === 0) return this.#refuse("invalid chunk size");
    if (byte === 0x3b) {
      this.#state = inExtension;
      this.#extension = ";";
    } else this.#expect(byte, 0x0d, beforeSizeLineFeed);
  }

  #extensionByte(byte: number): void {
    if (byte === 0x0d) {
      this.#state = beforeSizeLineFeed;
      if (!extensionSyntax.test(this.#extension)) this.#refuse("invalid chunk extension");
      return;
    }
    this.#extension += String.fromCharCode(byte);
    this.#extensionTotal += 1;
    const tooLong =
      this.#extension.length > this.#limits.extensionBytes || this.#extensionTotal > this.#limits.extensionTotal;
    if (tooLong) this.#refuse("chunk extensions too long");
  }

  #expect(byte: number, wanted: number, next: number): void {
    if (byte === wanted) this.#state = next;
    else this.#refuse("invalid chunk framing");
  }

  #refuse(problem: string): void {
    this.#state = refused;
    this.problem = problem;
  }
}

function hexValue(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
