import type { CircuitBreaker } from "#model/target-health.ts";
import type { HeaderList } from "#model/header-list.ts";
import type { Clock } from "#model/ports.ts";
import { SlidingCount } from "#upstream/sliding-count.ts";
import { isWithin } from "./status-match.ts";

/** However long a backend asks to be left alone. */
const longestTripMs = 60 * 60 * 1000;

/** Of an attempt that a breaker takes no notice of. */
const unnoticed = 0;

/**
 * Closed: requests pass and are counted. Open, after too many failures: none passes until the trip is over. Half-open
 * then: one at a time, whose success closes it and whose failure opens it anew. What began before it last opened or
 * closed says nothing about the target any more, however late it ends.
 */
export class Breaker {
  readonly #setting: CircuitBreaker;
  readonly #clock: Clock;
  readonly #requests: SlidingCount;
  readonly #failures: SlidingCount;
  /** -1: closed. */
  #openUntil = -1;
  #onTrial = 0;
  /** Rises when it opens, and when it closes. */
  #era = unnoticed + 1;

  constructor(setting: CircuitBreaker, clock: Clock) {
    this.#setting = setting;
    this.#clock = clock;
    this.#requests = new SlidingCount(setting.intervalMs, clock);
    this.#failures = new SlidingCount(setting.intervalMs, clock);
  }

  get state(): "closed" | "open" | "half-open" {
    if (this.#openUntil < 0) return "closed";
    return this.#clock.mono() < this.#openUntil ? "open" : "half-open";
  }

  /** A request may go now. */
  get lets(): boolean {
    const { state } = this;
    return state === "closed" || (state === "half-open" && this.#onTrial === 0);
  }

  /** @returns what the end of this attempt is told with */
  began(): number {
    const { state } = this;
    if (state === "open") return unnoticed;
    if (state === "half-open") this.#onTrial += 1;
    return this.#era;
  }

  /** However it ended, also when the client went away. */
  left(era: number): void {
    if (era === this.#era && this.#onTrial > 0) this.#onTrial -= 1;
  }

  answered(status: number, headers: HeaderList, era: number): void {
    if (era !== this.#era) return;
    if (!isWithin(this.#setting.statuses, status)) return this.#succeeded();
    const asked = this.#setting.acceptRetryAfter ? headers.get("retry-after") : undefined;
    return this.#failed(askedMs(asked, this.#clock.now()));
  }

  broke(era: number): void {
    if (era === this.#era && this.#setting.onErrors) this.#failed(-1);
  }

  #succeeded(): void {
    this.#requests.add();
    if (this.state !== "half-open") return;
    this.#openUntil = -1;
    this.#turn();
    this.#requests.clear();
    this.#failures.clear();
  }

  #failed(retryAfterMs: number): void {
    this.#requests.add();
    this.#failures.add();
    const { state } = this;
    if (state === "half-open" || (state === "closed" && this.#isTooMuch())) this.#trip(retryAfterMs);
  }

  #isTooMuch(): boolean {
    const { failures, percent, minRequests } = this.#setting;
    const failed = this.#failures.total;
    if (failures > 0 && failed >= failures) return true;
    const requests = this.#requests.total;
    return percent > 0 && requests >= minRequests && failed * 100 >= requests * percent;
  }

  #trip(retryAfterMs: number): void {
    const lasts = retryAfterMs >= 0 ? Math.min(retryAfterMs, longestTripMs) : this.#setting.tripMs;
    this.#openUntil = this.#clock.mono() + lasts;
    this.#turn();
  }

  #turn(): void {
    this.#era += 1;
    this.#onTrial = 0;
  }
}

/** Seconds or a date; -1 for anything else. @see RFC 9110 §10.2.3 */
function askedMs(field: string | undefined, now: number): number {
  if (field === undefined) return -1;
  if (/^\d{1,9}$/.test(field)) return Number(field) * 1000;
  const date = Date.parse(field);
  return Number.isNaN(date) ? -1 : Math.max(0, date - now);
}
