import type { Clock } from "#model/ports.ts";
import type { OutlierEjection } from "#model/target-health.ts";

/** What is known of one target, beside its peers. */
export interface Outlier {
  /** Monotonic milliseconds; 0: it is not out. */
  until: number;
  row: number;
  good: number;
  all: number;
  ejections: number;
}

/**
 * Takes out the targets of a backend that do worse than they should: too many failures in a row, or a success rate far
 * below that of the others. Never so many that the rest would drown.
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/outlier
 */
export class Outliers {
  readonly #setting: OutlierEjection;
  readonly #clock: Clock;
  readonly #members: Set<Outlier> = new Set();
  #judgeAt: number;

  constructor(setting: OutlierEjection, clock: Clock) {
    this.#setting = setting;
    this.#clock = clock;
    this.#judgeAt = clock.mono() + setting.intervalMs;
  }

  join(): Outlier {
    const member = { until: 0, row: 0, good: 0, all: 0, ejections: 0 };
    this.#members.add(member);
    return member;
  }

  leave(member: Outlier): void {
    this.#members.delete(member);
  }

  /** @returns whether some target was taken out */
  ended(member: Outlier, good: boolean): boolean {
    member.all += 1;
    if (good) {
      member.good += 1;
      member.row = 0;
    } else member.row += 1;
    const { consecutive } = this.#setting;
    const inRow = consecutive > 0 && member.row >= consecutive && this.#eject(member);
    return this.#judge() || inRow;
  }

  #judge(): boolean {
    const now = this.#clock.mono();
    if (now < this.#judgeAt) return false;
    this.#judgeAt = now + this.#setting.intervalMs;
    const ejected = this.#belowTheRest().filter((member) => this.#eject(member));
    for (const member of this.#members) this.#forget(member, now);
    return ejected.length > 0;
  }

  #belowTheRest(): readonly Outlier[] {
    const { deviations, minRequests, minTargets } = this.#setting;
    const judged = [...this.#members].filter(({ all }) => all >= minRequests);
    if (deviations === 0 || judged.length < minTargets) return [];
    const rates = judged.map(({ good, all }) => good / all);
    const mean = sum(rates) / rates.length;
    const spread = Math.sqrt(sum(rates.map((rate) => (rate - mean) ** 2)) / rates.length);
    return judged.filter(({ good, all }) => good / all < mean - deviations * spread);
  }

  /** Good for a whole interval makes an ejection forgotten. */
  #forget(member: Outlier, now: number): void {
    if (member.ejections > 0 && member.until <= now && member.all > 0 && member.good === member.all) {
      member.ejections -= 1;
    }
    member.good = 0;
    member.all = 0;
  }

  #eject(member: Outlier): boolean {
    const now = this.#clock.mono();
    const { ejectionMs, longestMs, maxPercent } = this.#setting;
    member.row = 0;
    if (member.until > now) return false;
    const count = this.#members.size;
    const out = [...this.#members].filter(({ until }) => until > now).length + 1;
    if (out >= count || out > Math.max(1, Math.floor((count * maxPercent) / 100))) return false;
    member.ejections += 1;
    member.until = now + Math.min(longestMs, ejectionMs * member.ejections);
    return true;
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
