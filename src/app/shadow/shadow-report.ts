import type { ShadowDifference, ShadowNews, ShadowOutcome } from "#model/shadow.ts";
import { foldedBy } from "./folded-by.ts";

/** Kinds that are kept; places in bodies are for backends to choose. */
const most = 2000;

export interface ReportedDifference extends ShadowDifference {
  /** Milliseconds since the epoch. */
  readonly firstAt: number;
}

export type ShadowTotals = Readonly<Record<ShadowOutcome, number>>;

/** What mirrors of all workers have found since the gateway started, or since it was last cleared. In memory alone. */
export class ShadowReport {
  readonly #now: () => number;
  readonly #count: (api: string, outcome: ShadowOutcome, times: number) => void;
  #since: number;
  readonly #totals = new Map<string, Record<ShadowOutcome, number>>();
  readonly #differences = new Map<string, ReportedDifference>();
  #dropped = 0;

  /** @param now milliseconds since the epoch @param count for metrics */
  constructor(now: () => number, count: (api: string, outcome: ShadowOutcome, times: number) => void) {
    this.#now = now;
    this.#count = count;
    this.#since = now();
  }

  get since(): number {
    return this.#since;
  }

  /** Differences that there was no room for. */
  get dropped(): number {
    return this.#dropped;
  }

  get totals(): ReadonlyMap<string, ShadowTotals> {
    return this.#totals;
  }

  /** The most frequent first. */
  get differences(): readonly ReportedDifference[] {
    return [...this.#differences.values()].toSorted((one, other) => other.count - one.count);
  }

  add({ outcomes, differences, dropped }: ShadowNews): void {
    this.#dropped += dropped;
    for (const { api, outcome, count } of outcomes) {
      const totals = this.#totals.get(api) ?? { same: 0, different: 0, unanswered: 0, skipped: 0 };
      totals[outcome] += count;
      this.#count(api, outcome, count);
      this.#totals.set(api, totals);
    }
    for (const difference of differences) this.#keep(difference);
  }

  clear(): void {
    this.#since = this.#now();
    this.#totals.clear();
    this.#differences.clear();
    this.#dropped = 0;
  }

  #keep(difference: ShadowDifference): void {
    const { count, lastAt } = difference;
    const key = foldedBy(difference);
    const known = this.#differences.get(key);
    if (known === undefined && this.#differences.size >= most) this.#dropped += count;
    else {
      const total = (known?.count ?? 0) + count;
      this.#differences.set(key, { ...difference, count: total, firstAt: known?.firstAt ?? lastAt });
    }
  }
}
