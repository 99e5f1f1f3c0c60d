import { durationBuckets, type Exemplar, type Metric, type TakenSeries } from "#model/metrics.ts";
import type { Family } from "./exposition.ts";
import { labelsText } from "./labels-text.ts";

interface Counted {
  readonly labels: Readonly<Record<string, string>>;
  /** Of each bucket alone; the last one is for what is above them all. */
  readonly counts: number[];
  sum: number;
  /** The last one of each bucket. */
  readonly exemplars: Map<number, Exemplar>;
}

/** Durations by labels, at most as many sets as the metric may have. */
export class Histogram implements Family {
  readonly name: string;
  readonly metric: Metric;
  readonly #series = new Map<string, Counted>();

  constructor(name: string, metric: Metric) {
    this.name = name;
    this.metric = metric;
  }

  get size(): number {
    return this.#series.size;
  }

  /**
   * Adds what was counted elsewhere.
   *
   * @param counts of each bucket alone, and of what is above them
   * @param sum seconds
   * @param exemplars the newest of each bucket that has one
   * @returns false: there is no room for another series
   */
  merge(
    labels: Readonly<Record<string, string>>,
    counts: readonly number[],
    sum: number,
    exemplars: readonly Exemplar[] = [],
  ): boolean {
    const key = labelsText(this.metric, labels);
    let series = this.#series.get(key);
    if (series === undefined) {
      if (this.#series.size >= this.metric.most) return false;
      series = { labels, counts: [...durationBuckets.map(() => 0), 0], sum: 0, exemplars: new Map() };
      this.#series.set(key, series);
    }
    for (const [at, count] of counts.entries()) series.counts[at] = (series.counts[at] ?? 0) + count;
    series.sum += sum;
    for (const one of exemplars) series.exemplars.set(one.bucket, one);
    return true;
  }

  taken(): readonly TakenSeries[] {
    return [...this.#series.values()].map(({ labels, counts, sum, exemplars }) => ({
      labels,
      value: sum,
      buckets: [...counts],
      exemplars: [...exemplars.values()],
    }));
  }

  *lines(open: boolean): Iterable<string> {
    for (const [labels, { counts, sum, exemplars }] of this.#series) {
      const more = labels === "" ? "" : `${labels},`;
      let below = 0;
      for (const [at, count] of counts.entries()) {
        below += count;
        const example = open ? exemplarText(exemplars.get(at)) : "";
        yield `${this.name}_bucket{${more}le="${boundText(durationBuckets[at])}"} ${below}${example}`;
      }
      const braces = labels === "" ? "" : `{${labels}}`;
      yield `${this.name}_sum${braces} ${sum}`;
      yield `${this.name}_count${braces} ${below}`;
    }
  }
}

/** Behind a bucket's value, in OpenMetrics alone. */
function exemplarText(one: Exemplar | undefined): string {
  if (one === undefined) return "";
  return ` # {trace_id="${one.traceId}"} ${one.seconds} ${(one.at / 1000).toFixed(3)}`;
}

/** As OpenMetrics writes numbers. */
function boundText(bound: number | undefined): string {
  if (bound === undefined) return "+Inf";
  return Number.isInteger(bound) ? `${bound}.0` : String(bound);
}
