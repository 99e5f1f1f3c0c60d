/** What stands in BER: an identifier, and the bytes behind it. @see ITU-T X.690 §8.1 */
export interface Element {
  /** Identifier octet without the bit that says whether it is constructed. */
  readonly tag: number;
  readonly constructed: boolean;
  readonly content: Uint8Array;
}

export const tags = {
  integer: 0x02,
  octetString: 0x04,
  oid: 0x06,
  sequence: 0x10,
  set: 0x11,
  /** `[n]`, whatever is in it. */
  context: (n: number): number => 0x80 + n,
} as const;

/** What is read here comes from files that are not ours: deeper ones than any real file are refused. */
const maxDepth = 24;

/** What is not BER, or is none that is read here. */
export class BerError extends Error {}

/** The one element that `bytes` hold. @throws BerError */
export function readElement(bytes: Uint8Array): Element {
  const reader = new Reader(bytes);
  const element = reader.next(0);
  if (element === null || !reader.atEnd) throw new BerError("bytes behind the end");
  return element;
}

/** What stands in a constructed element. @throws BerError */
export function childrenOf({ constructed, content }: Element): readonly Element[] {
  if (!constructed) throw new BerError("not constructed");
  const reader = new Reader(content);
  const children: Element[] = [];
  while (!reader.atEnd) {
    const child = reader.next(0);
    if (child === null) throw new BerError("an end without a beginning");
    children.push(child);
  }
  return children;
}

/** Bytes of a string, put together where it comes in pieces. @throws BerError */
export function octetsOf(element: Element): Uint8Array {
  if (!element.constructed) return element.content;
  return Uint8Array.from(childrenOf(element).flatMap((piece) => [...octetsOf(piece)]));
}

/** Dotted decimal. @throws BerError */
export function oidOf({ tag, content }: Element): string {
  if (tag !== tags.oid || content.length === 0 || content.length > 32) throw new BerError("not an object identifier");
  const arcs: number[] = [];
  let arc = 0;
  for (const byte of content) {
    arc = arc * 128 + (byte & 0x7f);
    if (!Number.isSafeInteger(arc)) throw new BerError("not an object identifier");
    if (byte < 0x80) {
      arcs.push(arc);
      arc = 0;
    }
  }
  const [first = 0, ...rest] = arcs;
  const top = Math.min(2, Math.floor(first / 40));
  return [top, first - top * 40, ...rest].join(".");
}

/** A whole number that is not negative. @throws BerError */
export function integerOf({ tag, content }: Element): number {
  if (tag !== tags.integer || content.length === 0 || content.length > 6) throw new BerError("not a number");
  return content.reduce((number, byte) => number * 256 + byte, 0);
}

class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** Null: the end of something whose length was not said. */
  next(depth: number): Element | null {
    if (depth > maxDepth) throw new BerError("too deep");
    const identifier = this.#byte();
    const constructed = (identifier & 0x20) !== 0;
    const tag = identifier & 0xdf;
    if ((tag & 0x1f) === 0x1f) throw new BerError("a long tag");
    const length = this.#length();
    if (length === null) {
      if (!constructed) throw new BerError("an end that is nowhere said");
      return { tag, constructed, content: this.#untilEnd(depth) };
    }
    if (identifier === 0 && length === 0) return null;
    if (length > this.#bytes.length - this.#at) throw new BerError("cut off");
    this.#at += length;
    return { tag, constructed, content: this.#bytes.subarray(this.#at - length, this.#at) };
  }

  #untilEnd(depth: number): Uint8Array {
    const from = this.#at;
    let before = from;
    while (this.next(depth + 1) !== null) before = this.#at;
    return this.#bytes.subarray(from, before);
  }

  /** Null: not said. */
  #length(): number | null {
    const first = this.#byte();
    if (first < 0x80) return first;
    const count = first & 0x7f;
    if (count === 0) return null;
    if (count > 4) throw new BerError("too long");
    let length = 0;
    for (let index = 0; index < count; index += 1) length = length * 256 + this.#byte();
    return length;
  }

  #byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw new BerError("cut off");
    this.#at += 1;
    return byte;
  }
}
