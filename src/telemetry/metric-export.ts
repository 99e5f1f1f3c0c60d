import { durationBuckets, type TakenMetric } from "#model/metrics.ts";
import { metricTree } from "./otlp/metric-points.ts";
import type { OtlpExporter } from "./otlp/exporter.ts";
import { scope } from "./otlp/resource.ts";
import type { Result } from "./trace-export.ts";

/** Some of all metrics, as they were at a time. */
export interface ToldMetrics {
  readonly metrics: readonly TakenMetric[];
  /** Milliseconds since the epoch: when counting began, and when these were read. */
  readonly since: number;
  readonly at: number;
}

/** Lots that wait for a slow receiver; newer ones are dropped, since counters tell all of it the next time. */
const mostWaiting = 32;

export class MetricExport {
  readonly #exporter: Pick<OtlpExporter, "send">;
  readonly #resource: object;
  readonly #onResult: (result: Result) => void;
  #waiting = 0;
  #sending: Promise<void> = Promise.resolve();

  constructor(exporter: Pick<OtlpExporter, "send">, resource: object, onResult: (result: Result) => void) {
    this.#exporter = exporter;
    this.#resource = resource;
    this.#onResult = onResult;
  }

  push(told: ToldMetrics): void {
    const items = told.metrics.reduce((sum, { series }) => sum + series.length, 0);
    if (this.#waiting >= mostWaiting) {
      this.#onResult({ signal: "metrics", items, lost: items, why: "the receiver does not keep up" });
      return;
    }
    this.#waiting += 1;
    this.#sending = this.#sending.then(() => this.#send(told, items)).finally(() => (this.#waiting -= 1));
  }

  close(): Promise<void> {
    return this.#sending;
  }

  async #send({ metrics, since, at }: ToldMetrics, items: number): Promise<void> {
    const trees = metrics.map((metric) => metricTree(metric, durationBuckets, since, at));
    const tree = { resourceMetrics: [{ resource: this.#resource, scopeMetrics: [{ scope, metrics: trees }] }] };
    this.#onResult({ signal: "metrics", items, ...(await this.#exporter.send("metrics", tree, items)) });
  }
}
