import type { PassiveHealth } from "#model/target-health.ts";
import { isWithin } from "./status-match.ts";

/** Passive checks: enough failures within a while, and the target is out until the oldest of them is forgotten. */
export class FailureWindow {
  readonly #setting: PassiveHealth;
  /** When the last `maxFails` happened; the oldest is at `#at`. */
  readonly #times: Float64Array;
  #at = 0;
  until = 0;

  constructor(setting: PassiveHealth) {
    this.#setting = setting;
    this.#times = new Float64Array(setting.maxFails).fill(-Infinity);
  }

  isFailure(status: number, latencyMs: number): boolean {
    const { statuses, latencyMs: longest } = this.#setting;
    return isWithin(statuses, status) || (longest > 0 && latencyMs > longest);
  }

  failed(now: number): void {
    this.#times[this.#at] = now;
    this.#at = (this.#at + 1) % this.#times.length;
    this.until = (this.#times[this.#at] as number) + this.#setting.failDurationMs;
  }
}
