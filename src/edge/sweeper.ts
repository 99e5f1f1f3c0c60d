import type { Clock } from "#model/ports.ts";

/** Something with a deadline that is looked at now and then. */
export interface Swept {
  /**
   * @param now monotonic milliseconds
   * @param idleMs how long something may make no progress
   */
  check(now: number, idleMs: number): void;
}

/** In milliseconds: what members wait for. */
export interface SweptLimits {
  readonly bodyIdleTimeoutMs: number;
  readonly headersTimeoutMs: number;
  readonly idleTimeoutMs: number;
}

/**
 * One coarse timer over all connections, each of which looks at what is in flight on it: a timer a request would cost
 * more than the rest of the edge.
 */
export class Sweeper {
  readonly #clock: Clock;
  readonly #limits: () => SweptLimits;
  readonly #members = new Set<Swept>();
  #timer: NodeJS.Timeout | null = null;

  constructor(clock: Clock, limits: () => SweptLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  add(member: Swept): void {
    this.#members.add(member);
    this.#timer ??= this.#arm();
  }

  remove(member: Swept): void {
    this.#members.delete(member);
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  now(): number {
    return this.#clock.mono();
  }

  #arm(): NodeJS.Timeout {
    const { bodyIdleTimeoutMs, headersTimeoutMs, idleTimeoutMs } = this.#limits();
    const shortest = Math.min(bodyIdleTimeoutMs, headersTimeoutMs, idleTimeoutMs);
    const every = Math.min(1000, Math.max(10, shortest / 4));
    return setInterval(() => this.#sweep(), every).unref();
  }

  #sweep(): void {
    const now = this.#clock.mono();
    const idleMs = this.#limits().bodyIdleTimeoutMs;
    for (const member of this.#members) member.check(now, idleMs);
  }
}
