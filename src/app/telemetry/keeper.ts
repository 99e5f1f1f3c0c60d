import { isDeepStrictEqual } from "node:util";
import { MessageChannel, type MessagePort, Worker } from "node:worker_threads";
import type { MetricRegistry } from "#admin/metrics/registry.ts";
import type { Clock, Log } from "#model/ports.ts";
import type { OwnAddress } from "#upstream/egress.ts";
import type { ControlDefinition } from "#app/definition/read-result.ts";
import { lotsOf } from "./lots.ts";
import type { FromTelemetry, TelemetryConfig, ToTelemetry } from "./messages.ts";

type Definition = Pick<ControlDefinition, "telemetry" | "insights" | "deployment" | "environment">;

export interface TelemetryOptions {
  readonly metrics: MetricRegistry;
  readonly ownAddresses: () => readonly OwnAddress[];
  readonly version: string;
  readonly node: string;
  readonly startedAt: number;
  readonly clock: Clock;
  readonly log: Log;
}

const closeMs = 5000;
/** One line a minute says that a receiver is away. */
const sayEveryMs = 60_000;

/** Main's end of the thread that exports. There is none before a definition names a receiver. */
export class TelemetryKeeper {
  readonly #options: TelemetryOptions;
  /** Of workers, until there is a thread to give them to. */
  #ports: MessagePort[] = [];
  #thread: Worker | null = null;
  #config: TelemetryConfig | null = null;
  #timer: NodeJS.Timeout | undefined;
  #saidAt = -Infinity;

  constructor(options: TelemetryOptions) {
    this.#options = options;
  }

  /** For a worker that is about to start: what is exported goes straight to the thread. */
  portFor(): MessagePort {
    const { port1, port2 } = new MessageChannel();
    if (this.#thread === null) {
      this.#ports.push(port1);
      port1.once("close", () => (this.#ports = this.#ports.filter((one) => one !== port1)));
      port1.unref();
    } else this.#give(port1);
    return port2;
  }

  use(definition: Definition): void {
    const config = this.#configOf(definition);
    // What is on its way is not to be cut off by a reload that changes other things.
    if (isDeepStrictEqual(config, this.#config)) return;
    this.#config = config;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#thread ??= this.#start();
    this.#send({ type: "use", config });
    const every = config?.otlp?.metricsMs ?? null;
    if (every !== null) this.#timer = setInterval(() => void this.#tellMetrics(), every).unref();
  }

  /** Call when no worker runs any more. Sends what there is, if the receiver takes it in time. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    for (const port of this.#ports) port.close();
    const thread = this.#thread;
    if (thread === null) return;
    if (this.#timer !== undefined) await this.#tellMetrics();
    const exit = new Promise((resolve) => thread.once("exit", resolve));
    this.#send({ type: "close" });
    const late = setTimeout(() => void thread.terminate(), closeMs);
    await exit;
    clearTimeout(late);
  }

  #configOf({ telemetry, insights = [], deployment, environment }: Definition): TelemetryConfig | null {
    if (telemetry === null && insights.length === 0) return null;
    const { version, node, ownAddresses } = this.#options;
    const { serviceName, region } = deployment;
    const resource = { serviceName, version, node, environment, more: telemetry?.resource ?? [] };
    return { otlp: telemetry, insights, resource, region, ownAddresses: ownAddresses() };
  }

  #start(): Worker {
    const { log } = this.#options;
    const thread = new Worker(new URL("thread.ts", import.meta.url), { name: "telemetry" });
    thread.on("message", (message: FromTelemetry) => this.#hear(message));
    thread.on("error", (error) => log.error("telemetry failed: nothing is exported", { error: String(error) }));
    this.#thread = thread;
    for (const port of this.#ports) this.#give(port);
    this.#ports = [];
    return thread;
  }

  #hear({ result: { signal, items, lost, why } }: FromTelemetry): void {
    const { metrics, log, clock } = this.#options;
    metrics.add("sallyport_telemetry_exported_total", { signal }, items - lost);
    metrics.add("sallyport_telemetry_dropped_total", { signal }, lost);
    if (lost === 0 || clock.mono() - this.#saidAt < sayEveryMs) return;
    this.#saidAt = clock.mono();
    log.warn("telemetry was not taken", { signal, items: lost, why });
  }

  async #tellMetrics(): Promise<void> {
    const { metrics, clock, log, startedAt } = this.#options;
    try {
      for (const lot of lotsOf(await metrics.take())) {
        this.#send({ type: "metrics", told: { metrics: lot, since: startedAt, at: clock.now() } });
      }
    } catch (error) {
      log.warn("metrics could not be read to be exported", { error: String(error) });
    }
  }

  #give(port: MessagePort): void {
    this.#thread?.postMessage({ type: "worker", port } satisfies ToTelemetry, [port]);
  }

  #send(message: Exclude<ToTelemetry, { type: "worker" }>): void {
    this.#thread?.postMessage(message);
  }
}
