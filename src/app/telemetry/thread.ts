import { randomBytes } from "node:crypto";
import { type MessagePort, parentPort, receiveMessageOnPort } from "node:worker_threads";
import { managedIdentity } from "#app/managed-identity.ts";
import { Ingestion } from "#telemetry/insights/ingestion.ts";
import { InsightsExport } from "#telemetry/insights/insights-export.ts";
import { MetricExport, type ToldMetrics } from "#telemetry/metric-export.ts";
import { OtlpExporter } from "#telemetry/otlp/exporter.ts";
import { resourceOf } from "#telemetry/otlp/resource.ts";
import { SpanIds } from "#telemetry/span-ids.ts";
import { type Result, TraceExport } from "#telemetry/trace-export.ts";
import type { ToldTraces } from "#telemetry/trace-feed.ts";
import { createClock } from "#threads/clock.ts";
import { createEgress } from "#upstream/egress-fetch.ts";
import type { FromTelemetry, TelemetryConfig, ToTelemetry } from "./messages.ts";

/** What ends has so long to be sent: a stop waits for no receiver. */
const closeMs = 3000;

/** Entry of the thread that exports: building spans, packing them and waiting for a receiver hold up nobody here. */
const clock = createClock();
const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
/** What it has to say comes with what was lost. */
const identity = managedIdentity(clock, quiet);
const ids = new SpanIds({ bytes: (count) => randomBytes(count) });
const ports = new Set<MessagePort>();
const tell = (result: Result): void => parentPort?.postMessage({ type: "result", result } satisfies FromTelemetry);

class Exports {
  readonly #traces: TraceExport | null;
  readonly #metrics: MetricExport | null;
  readonly #insights: ReadonlyMap<string, InsightsExport>;
  readonly #stop = new AbortController();
  readonly #closeEgress: () => void;

  constructor({ otlp, insights, resource, region, ownAddresses }: TelemetryConfig) {
    const egress = createEgress({ allow: [], ownAddresses, clock });
    this.#closeEgress = () => egress.close?.();
    const exporter = otlp && new OtlpExporter(otlp, egress, this.#stop.signal);
    const facts = resourceOf(resource);
    this.#traces = exporter && new TraceExport({ exporter, resource: facts, ids, onResult: tell });
    this.#metrics = exporter && new MetricExport(exporter, facts, tell);
    this.#insights = new Map(
      insights.map((logger) => {
        const ingestion = new Ingestion(logger, { egress, clock, identity, signal: this.#stop.signal });
        return [logger.name, new InsightsExport(logger, ingestion, { ...resource, region }, tell)];
      }),
    );
  }

  /** What was told under a definition before this one may be for nobody by now. */
  take({ traces, logged }: ToldTraces): void {
    this.#traces?.push(traces);
    const byLogger = Map.groupBy(logged, ({ logger }) => logger);
    for (const [name, all] of byLogger) this.#insights.get(name)?.push(all);
  }

  count(told: ToldMetrics): void {
    this.#metrics?.push(told);
  }

  async close(): Promise<void> {
    // One try each is all that is left.
    this.#stop.abort();
    const late = new Promise<void>((resolve) => setTimeout(resolve, closeMs).unref());
    const all = [this.#traces, this.#metrics, ...this.#insights.values()];
    await Promise.race([Promise.all(all.map((one) => one?.close())), late]);
    this.#closeEgress();
  }
}

let exports: Exports | null = null;

function take(told: ToldTraces): void {
  const { dropped } = told;
  if (dropped > 0) tell({ signal: "traces", items: dropped, lost: dropped, why: "a worker had more than it may hold" });
  exports?.take(told);
}

function attach(port: MessagePort): void {
  ports.add(port);
  port.on("message", (told: ToldTraces) => {
    take(told);
    port.postMessage(told.weight);
  });
  port.on("close", () => ports.delete(port));
}

async function close(): Promise<void> {
  for (const port of ports) {
    for (let last = receiveMessageOnPort(port); last !== undefined; last = receiveMessageOnPort(port)) {
      take(last.message as ToldTraces);
    }
    port.close();
  }
  await exports?.close();
  parentPort?.close();
}

parentPort?.on("message", (message: ToTelemetry) => {
  if (message.type === "worker") attach(message.port);
  else if (message.type === "metrics") exports?.count(message.told);
  else if (message.type === "close") void close();
  else {
    void exports?.close();
    exports = message.config === null ? null : new Exports(message.config);
  }
});
