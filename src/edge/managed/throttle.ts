import type { Clock } from "#model/ports.ts";
import type { Pause } from "#edge/acme/poll.ts";

/** At most so many in any trailing period; who comes too early waits. */
export class Throttle {
  readonly #most: number;
  readonly #periodMs: number;
  readonly #clock: Clock;
  readonly #pause: Pause;
  readonly #times: number[] = [];
  #queue: Promise<void> = Promise.resolve();

  constructor(most: number, periodMs: number, clock: Clock, pause: Pause) {
    this.#most = most;
    this.#periodMs = periodMs;
    this.#clock = clock;
    this.#pause = pause;
  }

  take(): Promise<void> {
    const turn = this.#queue.then(() => this.#wait());
    this.#queue = turn.catch(() => {});
    return turn;
  }

  async #wait(): Promise<void> {
    const oldest = this.#times.length < this.#most ? undefined : this.#times[0];
    const wait = oldest === undefined ? 0 : oldest + this.#periodMs - this.#clock.mono();
    // Forgotten only once the wait is over: one that is broken off must not make room for the next.
    if (wait > 0) await this.#pause(wait);
    if (oldest !== undefined) this.#times.shift();
    this.#times.push(this.#clock.mono());
  }
}
