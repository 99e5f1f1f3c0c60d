import { randomBytes } from "node:crypto";
import { type MessagePort, parentPort, receiveMessageOnPort } from "node:worker_threads";
import { MetricExport } from "#telemetry/metric-export.ts";
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
const ids = new SpanIds({ bytes: (count) => randomBytes(count) });
const ports = new Set<MessagePort>();
const tell = (result: Result): void => parentPort?.postMessage({ type: "result", result } satisfies FromTelemetry);

class Exports {
  readonly traces: TraceExport;
  readonly metrics: MetricExport;
  readonly #stop = new AbortController();
  readonly #closeEgress: () => void;

  constructor({ otlp, resource, ownAddresses }: TelemetryConfig) {
    const egress = createEgress({ allow: [], ownAddresses, clock });
    this.#closeEgress = () => egress.close?.();
    const exporter = new OtlpExporter(otlp, egress, this.#stop.signal);
    const facts = resourceOf(resource);
    this.traces = new TraceExport({ exporter, resource: facts, ids, onResult: tell });
    this.metrics = new MetricExport(exporter, facts, tell);
  }

  async close(): Promise<void> {
    // One try each is all that is left.
    this.#stop.abort();
    const late = new Promise<void>((resolve) => setTimeout(resolve, closeMs).unref());
    await Promise.race([Promise.all([this.traces.close(), this.metrics.close()]), late]);
    this.#closeEgress();
  }
}

let exports: Exports | null = null;

function take({ traces, dropped }: ToldTraces): void {
  if (dropped > 0) tell({ signal: "traces", items: dropped, lost: dropped, why: "a worker had more than it may hold" });
  exports?.traces.push(traces);
}

function attach(port: MessagePort): void {
  ports.add(port);
  port.on("message", (told: ToldTraces) => {
    take(told);
    port.postMessage(told.traces.length);
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
  else if (message.type === "metrics") exports?.metrics.push(message.told);
  else if (message.type === "close") void close();
  else {
    void exports?.close();
    exports = message.config === null ? null : new Exports(message.config);
  }
});
