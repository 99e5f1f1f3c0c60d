import type { Metric, TakenSeries } from "#model/metrics.ts";
import type { Family } from "./exposition.ts";
import { labelsText } from "./labels-text.ts";

/** One metric with a value for each set of its labels, at most as many as it may have. */
export class Series implements Family {
  readonly name: string;
  readonly metric: Metric;
  readonly #values = new Map<string, TakenSeries>();

  constructor(name: string, metric: Metric) {
    this.name = name;
    this.metric = metric;
  }

  /** @returns false: there is no room for another series */
  set(labels: Readonly<Record<string, string>>, value: number): boolean {
    const key = this.#keyOf(labels);
    if (!this.#values.has(key) && this.#values.size >= this.metric.most) return false;
    this.#values.set(key, { labels, value });
    return true;
  }

  /** @returns false: there is no room for another series */
  add(labels: Readonly<Record<string, string>>, by: number): boolean {
    return this.set(labels, (this.#values.get(this.#keyOf(labels))?.value ?? 0) + by);
  }

  *lines(): Iterable<string> {
    for (const [labels, { value }] of this.#values) yield `${this.name}${labels} ${value}`;
  }

  taken(): readonly TakenSeries[] {
    return [...this.#values.values()];
  }

  get size(): number {
    return this.#values.size;
  }

  #keyOf(labels: Readonly<Record<string, string>>): string {
    const text = labelsText(this.metric, labels);
    return text === "" ? "" : `{${text}}`;
  }
}
