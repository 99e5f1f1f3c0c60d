/**
 * What one worker holds of bodies that policies read whole. Clients choose how many and how large they are, so there
 * is a bound for one and a bound for all.
 */
export class BodyRoom {
  /** Of one body. */
  maxBytes: number;
  readonly #maxTotal: number;
  #held = 0;

  /** @param maxTotal of all bodies at a time; at least one always fits */
  constructor(maxBytes: number, maxTotal: number) {
    this.maxBytes = maxBytes;
    this.#maxTotal = maxTotal;
  }

  get held(): number {
    return this.#held;
  }

  /** @returns false when there is no room for so much now */
  take(bytes: number): boolean {
    if (this.#held > 0 && this.#held + bytes > this.#maxTotal) return false;
    this.#held += bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.#held -= bytes;
  }
}
