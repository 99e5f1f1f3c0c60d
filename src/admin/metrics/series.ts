import type { Metric } from "#model/metrics.ts";

/** One metric with a value for each set of its labels, at most as many as it may have. */
export class Series {
  readonly name: string;
  readonly metric: Metric;
  readonly #values = new Map<string, number>();

  constructor(name: string, metric: Metric) {
    this.name = name;
    this.metric = metric;
  }

  /** @returns false: there is no room for another series */
  set(labels: Readonly<Record<string, string>>, value: number): boolean {
    const key = this.#keyOf(labels);
    if (!this.#values.has(key) && this.#values.size >= this.metric.most) return false;
    this.#values.set(key, value);
    return true;
  }

  /** @returns false: there is no room for another series */
  add(labels: Readonly<Record<string, string>>, by: number): boolean {
    return this.set(labels, (this.#values.get(this.#keyOf(labels)) ?? 0) + by);
  }

  /** Labels as they stand between name and value, with braces; empty when there are none. */
  entries(): Iterable<readonly [string, number]> {
    return this.#values;
  }

  get size(): number {
    return this.#values.size;
  }

  #keyOf(labels: Readonly<Record<string, string>>): string {
    if (this.metric.labels.length === 0) return "";
    return `{${this.metric.labels.map((label) => `${label}="${escaped(labels[label] ?? "")}"`).join(",")}}`;
  }
}

const longestValue = 256;

/** A value must end neither its quotes nor its line. */
function escaped(value: string): string {
  return value
    .slice(0, longestValue)
    .toWellFormed()
    .replaceAll("\\", "\\\\")
    .replaceAll('"', '\\"')
    .replaceAll("\n", "\\n");
}
