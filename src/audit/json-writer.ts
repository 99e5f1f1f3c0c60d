import { Buffer } from "node:buffer";
import { bounded } from "./bounded.ts";

const quote = 0x22;
const backslash = 0x5c;
const zero = 0x30;
const point = 0x2e;
/** Above so many bytes the call that copies them all costs less than a loop. */
const copiedAtOnce = 32;

/** By character code: 1 for those that stand for themselves in JSON and take one byte. */
const plain = Uint8Array.from({ length: 128 }, (_, code) =>
  code < 0x20 || code === 0x7f || code === quote || code === backslash ? 0 : 1,
);

/** A constant piece of JSON as bytes: copying it costs half of writing it from a string. ASCII only. */
export function piece(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, "latin1"));
}

/**
 * Writes JSON straight into memory of its own: building a record from strings costs more than twice as much.
 * What does not fit is not written, and {@link overflowed} says so; nothing throws.
 */
export class JsonWriter {
  readonly bytes: Buffer;
  at = 0;

  constructor(size: number) {
    this.bytes = Buffer.allocUnsafeSlow(size);
  }

  get overflowed(): boolean {
    return this.at > this.bytes.length;
  }

  /** JSON text as it stands; ASCII only. */
  raw(text: string): void {
    const { bytes } = this;
    let { at } = this;
    for (let index = 0; index < text.length; index += 1) bytes[at++] = text.charCodeAt(index);
    this.at = at;
  }

  /** One ASCII character. */
  byte(code: number): void {
    this.bytes[this.at] = code;
    this.at += 1;
  }

  /** A string literal of at most `limit` units. */
  text(value: string, limit: number): void {
    if (value.length > limit || !this.#plain(value)) this.#escaped(bounded(value, limit));
  }

  /** `,"name":"value"`, or nothing for a value that does not apply. `prefix`: {@link piece} `,"name":`. */
  member(prefix: Uint8Array, value: string | undefined, limit: number): void {
    if (value === undefined || value === "") return;
    this.copy(prefix);
    this.text(value, limit);
  }

  /** A whole number, whatever a clock or a counter gave: never negative, never `NaN` or `Infinity`. */
  count(value: number): void {
    if (value >= 0 && value < 1e9) this.#small(Math.round(value));
    else this.#large(value);
  }

  /** Division of small integers, which is what nearly all numbers here are. */
  #small(value: number): void {
    const { bytes } = this;
    let digits = 1;
    for (let bound = 10; value >= bound; bound *= 10) digits += 1;
    let rest = value | 0;
    for (let at = this.at + digits - 1; at >= this.at; at -= 1) {
      const tens = (rest / 10) | 0;
      bytes[at] = zero + (rest - tens * 10);
      rest = tens;
    }
    this.at += digits;
  }

  #large(value: number): void {
    let rest = value > 0 && value < Number.MAX_SAFE_INTEGER ? Math.round(value) : 0;
    let digits = 1;
    for (let bound = 10; rest >= bound; bound *= 10) digits += 1;
    for (let at = this.at + digits - 1; at >= this.at; at -= 1) {
      const tens = Math.floor(rest / 10);
      this.bytes[at] = zero + (rest - tens * 10);
      rest = tens;
    }
    this.at += digits;
  }

  /** Milliseconds with three decimals. */
  millis(value: number): void {
    const micros = value > 0 && value < Number.MAX_SAFE_INTEGER / 1000 ? Math.round(value * 1000) : 0;
    const whole = Math.floor(micros / 1000);
    const rest = (micros - whole * 1000) | 0;
    this.count(whole);
    const { bytes, at } = this;
    bytes[at] = point;
    bytes[at + 1] = zero + ((rest / 100) | 0);
    bytes[at + 2] = zero + (((rest / 10) | 0) % 10);
    bytes[at + 3] = zero + (rest % 10);
    this.at = at + 4;
  }

  copy(part: Uint8Array): void {
    const { length } = part;
    if (length > copiedAtOnce) return this.#copyAtOnce(part);
    const { bytes } = this;
    let { at } = this;
    for (let index = 0; index < length; index += 1) bytes[at++] = part[index] as number;
    this.at = at;
  }

  #copyAtOnce(part: Uint8Array): void {
    if (this.at + part.length <= this.bytes.length) this.bytes.set(part, this.at);
    this.at += part.length;
  }

  /** Printable ASCII without quotes and backslashes, which nearly every value is; false, and nothing written, for others. */
  #plain(value: string): boolean {
    const { bytes } = this;
    let { at } = this;
    bytes[at++] = quote;
    for (let index = 0; index < value.length; index += 1) {
      const code = value.charCodeAt(index);
      if (plain[code] !== 1) return false;
      bytes[at++] = code;
    }
    bytes[at] = quote;
    this.at = at + 1;
    return true;
  }

  /** JSON.stringify writes a lone surrogate as `\udXXX`: valid UTF-8, and the record still shows what was sent. */
  #escaped(value: string): void {
    const literal = JSON.stringify(value);
    const size = Buffer.byteLength(literal);
    if (this.at + size <= this.bytes.length) this.bytes.write(literal, this.at, "utf8");
    this.at += size;
  }
}
