/**
 * When requests of an open load are due: exponential gaps, as of many callers who know nothing of each other. What is due
 * and cannot be sent yet waits, and its waiting counts: a server that stalls is not asked less.
 */
export class Schedule {
  readonly #gapMs: number;
  readonly #random: () => number;
  #next: number;

  /** @param rate a second @param start ms @param random from 0 up to 1 */
  constructor(rate: number, start: number, random: () => number) {
    this.#gapMs = 1000 / rate;
    this.#random = random;
    this.#next = start + this.#gap();
  }

  /** How many have become due by then since it was asked last. */
  due(now: number): number {
    let count = 0;
    for (; this.#next <= now; count += 1) this.#next += this.#gap();
    return count;
  }

  #gap(): number {
    return -Math.log(1 - this.#random()) * this.#gapMs;
  }
}
