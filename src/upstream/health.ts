import type { Clock } from "#model/ports.ts";

const failuresUntilDown = 3;
const firstBackOffMs = 1000;
const longestBackOffMs = 30_000;
const probesUntilDown = 2;

/**
 * Whether one address of a backend is worth trying. Passively: after three failed connects in a row it rests for
 * 1 s, then each further failure doubles the rest, up to 30 s. Actively: two failed probes in a row mark it down
 * until one passes.
 */
export class TargetHealth {
  readonly #clock: Clock;
  #failures = 0;
  #restUntil = 0;
  #probesFailed = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isUp(): boolean {
    if (this.#probesFailed >= probesUntilDown) return false;
    return this.#restUntil === 0 || this.#clock.mono() >= this.#restUntil;
  }

  connected(): void {
    this.#failures = 0;
    this.#restUntil = 0;
  }

  connectFailed(): void {
    this.#failures += 1;
    if (this.#failures < failuresUntilDown) return;
    const doublings = Math.min(this.#failures - failuresUntilDown, 10);
    this.#restUntil = this.#clock.mono() + Math.min(longestBackOffMs, firstBackOffMs * 2 ** doublings);
  }

  probed(passed: boolean): void {
    this.#probesFailed = passed ? 0 : this.#probesFailed + 1;
    if (passed) this.connected();
  }
}
