import { Batches } from "./batches.ts";
import type { FinishedTrace } from "./finished-trace.ts";
import type { OtlpExporter, Sent } from "./otlp/exporter.ts";
import { scope } from "./otlp/resource.ts";
import { schemaUrl } from "./otlp/span-attributes.ts";
import { spansOf } from "./otlp/spans.ts";
import type { SpanIds } from "./span-ids.ts";

export interface Result extends Sent {
  readonly signal: "traces" | "metrics" | "insights";
  readonly items: number;
}

export interface TraceExportOptions {
  readonly exporter: Pick<OtlpExporter, "send">;
  readonly resource: object;
  readonly ids: SpanIds;
  readonly onResult: (result: Result) => void;
}

/** Of one request: some thousand spans. */
const exchangesAtOnce = 256;
/** A few MiB. */
const mostWaiting = 4096;

export const slowReceiver = "the receiver does not keep up: what waits for it has a bound";

/** Exchanges on their way to the receiver. */
export class TraceExport {
  readonly #options: TraceExportOptions;
  readonly #batches: Batches<FinishedTrace>;

  constructor(options: TraceExportOptions) {
    this.#options = options;
    this.#batches = new Batches({
      atOnce: exchangesAtOnce,
      mostWaiting,
      send: (batch) => this.#send(batch),
      // Of those that nothing was made of yet, an exchange counts as one.
      onDropped: (items) => options.onResult({ signal: "traces", items, lost: items, why: slowReceiver }),
    });
  }

  push(traces: readonly FinishedTrace[]): void {
    this.#batches.push(traces);
  }

  close(): Promise<void> {
    return this.#batches.close();
  }

  async #send(batch: readonly FinishedTrace[]): Promise<void> {
    const { exporter, resource, ids, onResult } = this.#options;
    const spans = batch.flatMap((one) => spansOf(one, ids));
    const tree = { resourceSpans: [{ resource, scopeSpans: [{ scope, spans, schemaUrl }], schemaUrl }] };
    const sent = await exporter.send("traces", tree, spans.length);
    onResult({ signal: "traces", items: spans.length, ...sent });
  }
}
