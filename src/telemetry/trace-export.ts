import type { FinishedTrace } from "./finished-trace.ts";
import type { OtlpExporter, Sent } from "./otlp/exporter.ts";
import { scope } from "./otlp/resource.ts";
import { schemaUrl } from "./otlp/span-attributes.ts";
import { spansOf } from "./otlp/spans.ts";
import type { SpanIds } from "./span-ids.ts";

export interface Result extends Sent {
  readonly signal: "traces" | "metrics";
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
/** Longest wait for more, so that a quiet gateway shows its traces too. */
const gatherMs = 500;
/** While the receiver is slow or away; a few MiB. */
const mostWaiting = 4096;

/** Exchanges on their way to the receiver: in batches, one at a time, and no more of them than there is room for. */
export class TraceExport {
  readonly #options: TraceExportOptions;
  #waiting: FinishedTrace[] = [];
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> | null = null;

  constructor(options: TraceExportOptions) {
    this.#options = options;
  }

  push(traces: readonly FinishedTrace[]): void {
    const room = Math.max(0, mostWaiting - this.#waiting.length);
    for (const one of traces.slice(0, room)) this.#waiting.push(one);
    this.#dropped(traces.length - room);
    if (this.#waiting.length >= exchangesAtOnce) this.#send();
    else this.#timer ??= setTimeout(() => this.#send(), gatherMs);
  }

  /** Sends what waits. */
  async close(): Promise<void> {
    while (this.#waiting.length > 0 || this.#sending !== null) {
      this.#send();
      await this.#sending;
    }
    clearTimeout(this.#timer);
  }

  #send(): void {
    if (this.#sending !== null || this.#waiting.length === 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#sending = this.#sendBatch(this.#waiting.splice(0, exchangesAtOnce)).finally(() => {
      this.#sending = null;
      if (this.#waiting.length > 0) this.#timer ??= setTimeout(() => this.#send(), 0);
    });
  }

  async #sendBatch(batch: readonly FinishedTrace[]): Promise<void> {
    const { exporter, resource, ids, onResult } = this.#options;
    const spans = batch.flatMap((one) => spansOf(one, ids));
    const tree = { resourceSpans: [{ resource, scopeSpans: [{ scope, spans, schemaUrl }], schemaUrl }] };
    const sent = await exporter.send("traces", tree, spans.length);
    onResult({ signal: "traces", items: spans.length, ...sent });
  }

  /** Of those that nothing was made of yet, an exchange counts as one. */
  #dropped(count: number): void {
    if (count <= 0) return;
    const why = "the receiver does not keep up: what waits for it has a bound";
    this.#options.onResult({ signal: "traces", items: count, lost: count, why });
  }
}
