import type { GapCause } from "./entry.ts";

/** What has to be told in a gap line as soon as one can be written. */
export interface Loss {
  readonly why: GapCause;
  readonly afterSeq: number;
  /** Records; 0 when nobody can say. */
  readonly lost: number;
}

/** Counts losses until they are told. Bounded: one entry a cause. */
export class Losses {
  readonly #open = new Map<GapCause, Loss>();
  /** Records lost since the start, told or not. */
  total = 0;

  get any(): boolean {
    return this.#open.size > 0;
  }

  /** Keeps the earliest `afterSeq` of a cause, since the gap starts there. */
  add(why: GapCause, afterSeq: number, lost: number): void {
    const before = this.#open.get(why);
    this.total += lost;
    this.#open.set(why, { why, afterSeq: before?.afterSeq ?? afterSeq, lost: (before?.lost ?? 0) + lost });
  }

  take(): readonly Loss[] {
    const losses = [...this.#open.values()];
    this.#open.clear();
    return losses;
  }
}
