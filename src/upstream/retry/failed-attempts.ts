import type { Exchange } from "#model/exchange.ts";
import type { ReasonCode } from "#model/reasons.ts";
import type { UpstreamTarget } from "#upstream/target.ts";
import type { TargetSet } from "#upstream/target-set.ts";
import { Timeout, type TimerWheel } from "#wire/timer-wheel.ts";

/** What has been tried for an exchange and has failed. Made when the first attempt does: most exchanges have none. */
export class FailedAttempts {
  readonly #exchange: Exchange;
  readonly #set: TargetSet;
  readonly #wheel: TimerWheel;
  readonly #targets: UpstreamTarget[] = [];
  readonly #backOff: Timeout;
  /** Those that took a retry: what had not been sent takes none. */
  #retries = 0;

  /** @param again makes the next attempt, after a wait */
  constructor(exchange: Exchange, set: TargetSet, wheel: TimerWheel, again: () => void) {
    this.#exchange = exchange;
    this.#set = set;
    this.#wheel = wheel;
    this.#backOff = new Timeout(again);
  }

  get retries(): number {
    return this.#retries;
  }

  exclude(target: UpstreamTarget): void {
    this.#targets.push(target);
  }

  /** One that has not failed this exchange; null: none is up. */
  another(): UpstreamTarget | null {
    return this.#set.choose(this.#exchange, this.#targets);
  }

  retryAfter(waitMs: number): void {
    this.#retries += 1;
    this.#wheel.arm(this.#backOff, waitMs);
  }

  stop(): void {
    this.#wheel.disarm(this.#backOff);
  }

  /** Only attempts that another one follows: the last one is the exchange's own outcome. */
  note({ address }: UpstreamTarget, reason: ReasonCode | undefined, why: string, tookMs: number): void {
    const micros = Math.round(tookMs * 1000);
    const detail = `${address}: ${why}`;
    const because = reason === undefined ? {} : { reason };
    this.#exchange.trail.push({ door: "upstream", step: "attempt", outcome: "retried", ...because, detail, micros });
  }
}
