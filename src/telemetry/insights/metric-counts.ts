import type { Exchange } from "#model/exchange.ts";
import type { PolicyMeter } from "#model/metrics.ts";

/** What policies have counted of one series for an instance of Application Insights, since the last time. */
export interface LoggedMetric {
  /** Name of the logger. */
  readonly logger: string;
  readonly namespace: string;
  readonly metric: string;
  /** `NAME=VALUE` with commas between; there is neither of them in a value. */
  readonly dimensions: string;
  readonly sum: number;
  readonly count: number;
  readonly min: number;
  readonly max: number;
  /** Milliseconds since the epoch: when it was taken. */
  readonly at: number;
}

type Column = { -readonly [Field in keyof Omit<LoggedMetric, "at">]: LoggedMetric[Field] };

/** Between two tellings; values of dimensions may be what clients send. */
const most = 1000;

/** Adds up what `emit-metric` counts where a diagnostic wants metrics, besides what else counts it. */
export class InsightsMetrics implements PolicyMeter {
  readonly #besides: PolicyMeter;
  #series = new Map<string, Column>();
  #dropped = 0;

  constructor(besides: PolicyMeter) {
    this.#besides = besides;
  }

  emit(namespace: string, metric: string, dimensions: string, value: number, exchange: Exchange): void {
    this.#besides.emit(namespace, metric, dimensions, value, exchange);
    const { diagnostic } = exchange;
    if (diagnostic === null || !diagnostic.metrics) return;
    const { logger } = diagnostic;
    const key = `${logger}\n${namespace}\n${metric}\n${dimensions}`;
    const known = this.#series.get(key);
    if (known !== undefined) {
      known.sum += value;
      known.count += 1;
      known.min = Math.min(known.min, value);
      known.max = Math.max(known.max, value);
    } else if (this.#series.size < most) {
      const first = { sum: value, count: 1, min: value, max: value };
      this.#series.set(key, { logger, namespace, metric, dimensions, ...first });
    } else this.#dropped += 1;
  }

  /** @param at milliseconds since the epoch */
  take(at: number): { readonly metrics: readonly LoggedMetric[]; readonly dropped: number } {
    const metrics = [...this.#series.values()].map((column) => ({ ...column, at }));
    const dropped = this.#dropped;
    if (metrics.length > 0) this.#series = new Map();
    this.#dropped = 0;
    return { metrics, dropped };
  }
}
