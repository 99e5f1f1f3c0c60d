/** Bytes of randomness an identifier takes: the second half's 62 bits, and a fresh start of the counter. */
const bytesPerId = 10;
const idsPerPool = 256;
const maxCounter = 0xfff;
const hex: readonly string[] = Array.from({ length: 256 }, (_, value) => value.toString(16).padStart(2, "0"));

/**
 * Makes UUIDs of version 7, lower case. Those of one maker are in strictly rising order as text: within a millisecond
 * the 12 bits after the version count up, from a random start below 2,048; should they run out, or the clock be set
 * back, the identifier's own time goes on without the clock.
 *
 * @param random cryptographically secure bytes; asked for 2,560 at a time
 * @param now milliseconds since the epoch
 * @see RFC 9562 §5.7, §6.2 method 1
 */
export function createUuid7(random: (count: number) => Uint8Array, now: () => number): () => string {
  const maker = new Uuid7(random, now);
  return () => maker.next();
}

class Uuid7 {
  readonly #random: (count: number) => Uint8Array;
  readonly #now: () => number;
  #pool: Uint8Array = new Uint8Array(0);
  #at: number = 0;
  #time: number = -1;
  #counter: number = 0;
  /** The text of `#time`, up to and with the version's digit. */
  #prefix: string = "";

  constructor(random: (count: number) => Uint8Array, now: () => number) {
    this.#random = random;
    this.#now = now;
  }

  next(): string {
    if (this.#at + bytesPerId > this.#pool.length) this.#refill();
    this.#advance();
    const text = this.#prefix + hex12(this.#counter) + this.#tail();
    this.#at += bytesPerId;
    return text;
  }

  #refill(): void {
    this.#pool = this.#random(bytesPerId * idsPerPool);
    if (this.#pool.length < bytesPerId) throw new RangeError("the random source gave too few bytes");
    this.#at = 0;
  }

  #advance(): void {
    const time = Math.floor(this.#now());
    if (time > this.#time) this.#enter(time);
    else if (this.#counter < maxCounter) this.#counter++;
    else this.#enter(this.#time + 1);
  }

  #enter(time: number): void {
    this.#time = time;
    this.#prefix = prefixOf(time);
    // The highest bit stays free, so that at least 2,048 more fit into the millisecond.
    this.#counter = ((byte(this.#pool, this.#at + 8) & 0x07) << 8) | byte(this.#pool, this.#at + 9);
  }

  #tail(): string {
    const pool = this.#pool;
    const at = this.#at;
    const variant = pair((byte(pool, at) & 0x3f) | 0x80) + pair(byte(pool, at + 1));
    const first = pair(byte(pool, at + 2)) + pair(byte(pool, at + 3)) + pair(byte(pool, at + 4));
    return `-${variant}-${first}${pair(byte(pool, at + 5))}${pair(byte(pool, at + 6))}${pair(byte(pool, at + 7))}`;
  }
}

function prefixOf(time: number): string {
  const text = time.toString(16).padStart(12, "0");
  return `${text.slice(0, 8)}-${text.slice(8)}-7`;
}

function hex12(value: number): string {
  return pair(value >> 4) + (value & 0x0f).toString(16);
}

function pair(value: number): string {
  return hex[value] as string;
}

function byte(bytes: Uint8Array, at: number): number {
  return bytes[at] as number;
}
