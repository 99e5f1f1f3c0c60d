import type { Clock } from "#model/ports.ts";
import type { RetryBudgetSettings } from "#model/retries.ts";
import { SlidingCount } from "#upstream/sliding-count.ts";

/**
 * Keeps retries from becoming the load that an upstream dies of: when most requests fail, only a share of them is
 * tried again.
 *
 * @see https://sre.google/sre-book/handling-overload/ ("retry budget")
 */
export class RetryBudget {
  readonly #setting: RetryBudgetSettings;
  readonly #requests: SlidingCount;
  readonly #retries: SlidingCount;

  constructor(setting: RetryBudgetSettings, clock: Clock) {
    this.#setting = setting;
    this.#requests = new SlidingCount(setting.windowMs, clock);
    this.#retries = new SlidingCount(setting.windowMs, clock);
  }

  began(): void {
    this.#requests.add();
  }

  /** Takes one retry, or says that there is none left. */
  take(): boolean {
    const { percent, minPerSecond, windowMs } = this.#setting;
    const allowed = Math.max((this.#requests.total * percent) / 100, (minPerSecond * windowMs) / 1000);
    if (this.#retries.total + 1 > allowed) return false;
    this.#retries.add();
    return true;
  }
}
