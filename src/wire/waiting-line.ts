import { GatewayError } from "#model/errors.ts";
import { Timeout, type TimerWheel } from "./timer-wheel.ts";
import type { PoolUser } from "./transport.ts";

export interface WaitingSettings {
  readonly wheel: TimerWheel;
  /** Requests that wait for a transport. */
  readonly maxWaiting: number;
  /** Longest wait for one. */
  readonly waitMs: number;
}

interface Waiter {
  readonly user: PoolUser;
  readonly timeout: Timeout;
}

/** Those who wait for a transport, bounded in number and in time, first come first served. */
export class WaitingLine {
  readonly #settings: WaitingSettings;
  readonly #waiting: Waiter[] = [];

  constructor(settings: WaitingSettings) {
    this.#settings = settings;
  }

  get length(): number {
    return this.#waiting.length;
  }

  /** Refuses the user when the line is full. */
  join(user: PoolUser): void {
    if (this.#waiting.length >= this.#settings.maxWaiting) return user.refused(unavailable("too many requests wait"));
    const waiter: Waiter = { user, timeout: new Timeout(() => this.#waitedTooLong(waiter)) };
    this.#waiting.push(waiter);
    this.#settings.wheel.arm(waiter.timeout, this.#settings.waitMs);
  }

  get first(): PoolUser | undefined {
    return this.#waiting[0]?.user;
  }

  next(): PoolUser | undefined {
    return this.#waiting.length === 0 ? undefined : this.#take(0);
  }

  leave(user: PoolUser): void {
    const at = this.#waiting.findIndex((waiter) => waiter.user === user);
    if (at >= 0) this.#take(at);
  }

  #waitedTooLong(waiter: Waiter): void {
    this.#take(this.#waiting.indexOf(waiter));
    waiter.user.refused(unavailable("no connection became free in time"));
  }

  #take(at: number): PoolUser {
    const [waiter] = this.#waiting.splice(at, 1) as [Waiter];
    this.#settings.wheel.disarm(waiter.timeout);
    return waiter.user;
  }
}

export function unavailable(why: string): GatewayError {
  return new GatewayError("upstream-unavailable", 503, `no upstream is available: ${why}`, {
    source: "upstream",
    retryable: true,
  });
}
