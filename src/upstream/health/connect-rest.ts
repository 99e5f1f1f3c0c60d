const failuresUntilRest = 3;
const firstRestMs = 1000;
const longestRestMs = 30_000;

/**
 * An address that cannot be reached is left alone for a while: after three failed connects in a row for 1 s, then each
 * further failure doubles the rest, up to 30 s. Always on: it costs a request nothing, and spares each the wait.
 */
export class ConnectRest {
  #failures = 0;
  /** Monotonic milliseconds; 0: it does not rest. */
  until = 0;

  connected(): void {
    this.#failures = 0;
    this.until = 0;
  }

  failed(now: number): void {
    this.#failures += 1;
    if (this.#failures < failuresUntilRest) return;
    const doublings = Math.min(this.#failures - failuresUntilRest, 10);
    this.until = now + Math.min(longestRestMs, firstRestMs * 2 ** doublings);
  }
}
