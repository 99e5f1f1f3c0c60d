import type { Clock } from "#model/ports.ts";

/** Stands still but for what policies wait: a run gives the same result whenever it is made. */
export class VirtualClock implements Clock {
  #elapsed = 0;
  readonly #start: number;

  /** @param start milliseconds since the epoch */
  constructor(start: number) {
    this.#start = start;
  }

  now(): number {
    return this.#start + this.#elapsed;
  }

  mono(): number {
    return this.#elapsed;
  }

  advance(ms: number): void {
    this.#elapsed += ms;
  }
}

/** The same numbers, 0 to below 1, for the same seed (xorshift32). Not for secrets. */
export function seededRandom(seed: number): () => number {
  let state = (seed ^ 0x9e3779b9) | 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4_294_967_296;
  };
}
