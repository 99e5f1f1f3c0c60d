import type { ErrorCode } from "#model/errors.ts";
import type { Exchange } from "#model/exchange.ts";
import type { Clock } from "#model/ports.ts";
import type { Retries } from "#model/retries.ts";
import type { RandomFraction } from "#upstream/balance/balancer.ts";
import { RetryBudget } from "./retry-budget.ts";

/** One backend's answer to "shall this be tried again, and when". */
export class RetryRules {
  readonly #setting: Retries;
  readonly #budget: RetryBudget;
  readonly #random: RandomFraction;

  constructor(setting: Retries, clock: Clock, random: RandomFraction) {
    this.#setting = setting;
    this.#budget = new RetryBudget(setting.budget, clock);
    this.#random = random;
  }

  /** Bytes of a body worth keeping for another attempt. */
  get bodyBytes(): number {
    return this.#setting.bodyBytes;
  }

  /** Milliseconds in which an attempt must be answered, of a request that has `leftMs` for all of them. */
  attemptMs(leftMs: number): number {
    const { perTryTimeoutMs } = this.#setting;
    const most = Math.max(1, leftMs);
    return perTryTimeoutMs > 0 ? Math.min(perTryTimeoutMs, most) : most;
  }

  /** Each request counts, as retries are a share of them. */
  began(): void {
    this.#budget.began();
  }

  /** The API's own list of methods goes before the backend's. */
  allowsMethod({ api, request }: Exchange): boolean {
    return (api?.retryMethods ?? this.#setting.methods).includes(request.method);
  }

  isOnStatus(status: number): boolean {
    return this.#setting.on.statuses.some(({ from, to }) => status >= from && status <= to);
  }

  isOnError(code: ErrorCode): boolean {
    const { reset, timeout } = this.#setting.on;
    if (code === "upstream-connect-failed") return true;
    return (reset && code === "upstream-reset") || (timeout && code === "upstream-timeout");
  }

  /**
   * Takes a retry from the budget.
   * @param done retries so far
   * @param leftMs until the request's own timeout
   * @returns milliseconds to wait before it, or -1 when it must not be
   */
  take(done: number, leftMs: number): number {
    if (done >= this.#setting.count) return -1;
    const wait = this.#backOff(done);
    return wait < leftMs && this.#budget.take() ? wait : -1;
  }

  /** "Full jitter": those that failed together do not come back together. */
  #backOff(done: number): number {
    const { firstMs, longestMs } = this.#setting.backOff;
    return this.#random() * Math.min(longestMs, firstMs * 2 ** done);
  }
}
