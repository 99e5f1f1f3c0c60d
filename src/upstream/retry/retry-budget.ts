import type { Clock } from "#model/ports.ts";
import type { RetryBudgetSettings } from "#model/retries.ts";

const slots = 10;

/**
 * Keeps retries from becoming the load that an upstream dies of: when most requests fail, only a share of them is
 * tried again. Counts in tenths of the window, so what is forgotten is forgotten a tenth at a time.
 *
 * @see https://sre.google/sre-book/handling-overload/ ("retry budget")
 */
export class RetryBudget {
  readonly #clock: Clock;
  readonly #setting: RetryBudgetSettings;
  readonly #slotMs: number;
  readonly #requests: Int32Array = new Int32Array(slots);
  readonly #retries: Int32Array = new Int32Array(slots);
  #slot = 0;

  constructor(setting: RetryBudgetSettings, clock: Clock) {
    this.#setting = setting;
    this.#clock = clock;
    this.#slotMs = setting.windowMs / slots;
    this.#slot = this.#slotNow();
  }

  began(): void {
    this.#forget();
    const at = this.#slot % slots;
    this.#requests[at] = (this.#requests[at] as number) + 1;
  }

  /** Takes one retry, or says that there is none left. */
  take(): boolean {
    this.#forget();
    const { percent, minPerSecond, windowMs } = this.#setting;
    const allowed = Math.max((total(this.#requests) * percent) / 100, (minPerSecond * windowMs) / 1000);
    if (total(this.#retries) + 1 > allowed) return false;
    const at = this.#slot % slots;
    this.#retries[at] = (this.#retries[at] as number) + 1;
    return true;
  }

  #forget(): void {
    const now = this.#slotNow();
    const passed = Math.min(now - this.#slot, slots);
    for (let step = 1; step <= passed; step += 1) {
      const at = (this.#slot + step) % slots;
      this.#requests[at] = 0;
      this.#retries[at] = 0;
    }
    this.#slot = now;
  }

  #slotNow(): number {
    return Math.floor(this.#clock.mono() / this.#slotMs);
  }
}

function total(counts: Int32Array): number {
  let sum = 0;
  for (const count of counts) sum += count;
  return sum;
}
