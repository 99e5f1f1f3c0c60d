import type { Clock } from "#model/ports.ts";

const maxResetsPerSecond = 100;

/** Counts the streams that a session's client reset, by the second. */
export class ResetMeter {
  readonly #clock: Clock;
  #since = 0;
  #count = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts one more; true when they are too many. */
  over(): boolean {
    const now = this.#clock.mono();
    if (now - this.#since >= 1000) {
      this.#since = now;
      this.#count = 0;
    }
    this.#count += 1;
    return this.#count > maxResetsPerSecond;
  }
}
