import {
  type Collector,
  type Exemplar,
  type Gauges,
  type HistogramName,
  type LabelsOf,
  type Meter,
  type MetricName,
  metrics,
  type TakenMetric,
} from "#model/metrics.ts";
import { exposition, type Family, type Format } from "./exposition.ts";
import { Histogram } from "./histogram.ts";
import { Series } from "./series.ts";

const order = Object.keys(metrics) as readonly MetricName[];

/** Counters that are kept, and gauges that are asked for: all of the table. On main. */
export class MetricRegistry implements Meter {
  readonly #counters: ReadonlyMap<string, Series> = seriesOf("counter");
  readonly #histograms: ReadonlyMap<string, Histogram> = histograms();
  readonly #collectors: Collector[] = [];

  add<N extends MetricName>(name: N, labels: LabelsOf<N>, by: number = 1): void {
    if (this.#counters.get(name)?.add(labels, by) === false) this.#dropped(name);
  }

  /** @param counts of each of `durationBuckets` alone, and of what is above @param sum seconds */
  merge<N extends HistogramName>(
    name: N,
    labels: LabelsOf<N>,
    counts: readonly number[],
    sum: number,
    exemplars: readonly Exemplar[] = [],
  ): void {
    if (this.#histograms.get(name)?.merge(labels, counts, sum, exemplars) === false) this.#dropped(name);
  }

  collect(collector: Collector): void {
    this.#collectors.push(collector);
  }

  /** A gauge that cannot be had is left out of the text: it must not look like a value. */
  async text(format: Format): Promise<string> {
    return exposition(await this.#families(), format);
  }

  /** All of it as data, those without a series left out. */
  async take(): Promise<readonly TakenMetric[]> {
    const families = await this.#families();
    return families
      .filter(({ size }) => size > 0)
      .map((family) => ({
        name: family.name,
        help: family.metric.help,
        type: family.metric.type,
        series: family.taken(),
      }));
  }

  async #families(): Promise<readonly Family[]> {
    const gauges = seriesOf("gauge");
    const target: Gauges = {
      set: (name, labels, value) => {
        if (Number.isFinite(value) && gauges.get(name)?.set(labels, value) === false) this.#dropped(name);
      },
    };
    for (const collector of this.#collectors) await collector(target);
    return order.flatMap((name) => gauges.get(name) ?? this.#counters.get(name) ?? this.#histograms.get(name) ?? []);
  }

  #dropped(metric: MetricName): void {
    this.#counters.get("sallyport_metrics_dropped_samples_total")?.add({ metric }, 1);
  }
}

function histograms(): ReadonlyMap<string, Histogram> {
  const rows = order.filter((name) => metrics[name].type === "histogram");
  return new Map(rows.map((name) => [name, new Histogram(name, metrics[name])]));
}

function seriesOf(type: "counter" | "gauge"): ReadonlyMap<string, Series> {
  const rows = order.filter((name) => metrics[name].type === type);
  return new Map(rows.map((name) => [name, new Series(name, metrics[name])]));
}
