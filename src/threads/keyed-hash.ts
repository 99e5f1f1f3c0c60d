/**
 * Keyed 64-bit hash of three integers and a string's UTF-16 units, in the shape of HalfSipHash-1-3. A multiplicative
 * hash with only a secret start value still has collisions that hold for every seed; a client who chooses keys could
 * use them to fill one bucket, or to share another's counter.
 *
 * The result stands in {@link high} and {@link low} (signed 32-bit), so that a call allocates nothing.
 * @see https://cr.yp.to/siphash/siphash-20120918.pdf
 */
export class KeyedHash {
  high: number = 0;
  low: number = 0;
  readonly #k0: number;
  readonly #k1: number;

  constructor(k0: number, k1: number) {
    this.#k0 = k0 | 0;
    this.#k1 = k1 | 0;
  }

  digest(a: number, b: number, c: number, text: string): void {
    const pairs = text.length >> 1;
    let v0 = this.#k0;
    let v1 = this.#k1 ^ 0xee;
    let v2 = this.#k0 ^ 0x6c796765;
    let v3 = this.#k1 ^ 0x74656462;
    for (let i = -3; i <= pairs; i++) {
      const m = i >= 0 ? wordOf(text, i, pairs) : i === -3 ? a : i === -2 ? b : c;
      v3 ^= m;
      v0 = (v0 + v1) | 0;
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
      v2 = (v2 << 16) | (v2 >>> 16);
      v0 ^= m;
    }
    v2 ^= 0xee;
    for (let round = 0; round < 6; round++) {
      if (round === 3) {
        this.high = v1 ^ v3;
        v1 ^= 0xdd;
      }
      v0 = (v0 + v1) | 0;
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
      v2 = (v2 << 16) | (v2 >>> 16);
    }
    this.low = v1 ^ v3;
  }
}

/** Two units a word; the last word carries the odd unit and the length, so no two strings give the same words. */
function wordOf(text: string, i: number, pairs: number): number {
  if (i < pairs) return text.charCodeAt(2 * i) | (text.charCodeAt(2 * i + 1) << 16);
  return ((text.length & 1) === 1 ? text.charCodeAt(2 * i) : 0) | (text.length << 16);
}

/** Maps a 32-bit hash evenly onto `[0, size)`, for sizes that are no power of two. */
export function reduce(hash: number, size: number): number {
  return Math.floor(((hash >>> 0) / 0x1_0000_0000) * size);
}
