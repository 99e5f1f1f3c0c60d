import { Worker } from "node:worker_threads";
import type { MetricRegistry } from "#admin/metrics/registry.ts";
import type { ControlDefinition } from "#app/definition/read-result.ts";
import type { UntakenSegments } from "#audit/segment-writer.ts";
import { CursorFile } from "#audit/sinks/cursor-file.ts";
import type { SinkNews } from "#audit/sinks/sink.ts";
import type { Clock, Log } from "#model/ports.ts";
import type { OwnAddress } from "#upstream/egress.ts";
import type { FromSinks, SinksConfig, SinksStart, ToSinks } from "./messages.ts";

type Definition = Pick<ControlDefinition, "sinks" | "deployment" | "environment">;

export interface SinksOptions extends SinksStart {
  readonly metrics: Pick<MetricRegistry, "add" | "collect">;
  readonly ownAddresses: () => readonly OwnAddress[];
  readonly version: string;
  readonly node: string;
  readonly clock: Clock;
  readonly log: Log;
  /** The oldest segment that a sink has not taken all of; Infinity: there is no sink. */
  readonly onHeld: (from: number) => void;
}

/** A stop waits no longer for receivers; what they have not taken is sent after the next start. */
const closeMs = 3000;
/** One line a minute and sink says that its receiver is away. */
const sayEveryMs = 60_000;
const startAgainMs = 5000;
const memoryMiB = 256;

/** Main's end of the thread that gives the record to others. There is none before a definition names a sink. */
export class SinksKeeper {
  readonly #options: SinksOptions;
  readonly #waiting = new Map<string, number | null>();
  readonly #failing = new Map<string, number>();
  /** The segment that each has come to. */
  readonly #places = new Map<string, number>();
  #config: SinksConfig | null = null;
  #thread: Worker | null = null;
  #timer: NodeJS.Timeout | undefined;
  #closing = false;

  constructor(options: SinksOptions) {
    this.#options = options;
    const { metrics, clock } = options;
    metrics.collect((gauges) => {
      for (const [sink, since] of this.#waiting) {
        const seconds = since === null ? 0 : Math.max(0, clock.now() - since) / 1000;
        gauges.set("sallyport_sink_lag_seconds", { sink }, seconds);
      }
    });
  }

  /** Where the sinks were when the gateway stopped. @returns the oldest segment that one has not taken all of */
  async open({ sinks }: Pick<Definition, "sinks">): Promise<number> {
    for (const { name, from } of sinks) {
      const cursor = await new CursorFile(this.#options.cursors, name).read();
      this.#places.set(name, cursor?.segment ?? (from === "oldest" ? 0 : Infinity));
    }
    return Math.min(Infinity, ...this.#places.values());
  }

  use({ sinks, deployment, environment }: Definition): void {
    if (sinks.length === 0 && this.#thread === null) return;
    const { version, node, ownAddresses, metrics } = this.#options;
    const resource = { serviceName: deployment.serviceName, version, node, environment, more: [] };
    this.#config = { sinks, resource, ownAddresses: ownAddresses() };
    for (const { name: sink } of sinks) {
      metrics.add("sallyport_sink_records_total", { sink }, 0);
      metrics.add("sallyport_sink_failures_total", { sink }, 0);
      metrics.add("sallyport_sink_missed_segments_total", { sink }, 0);
    }
    const names = new Set(sinks.map(({ name }) => name));
    for (const name of this.#waiting.keys()) if (!names.has(name)) this.#waiting.delete(name);
    // One that comes again may have been left behind meanwhile.
    for (const name of this.#places.keys()) if (!names.has(name)) this.#places.delete(name);
    this.#tellHeld();
    this.#thread ??= this.#start();
    this.#send({ type: "use", config: this.#config });
  }

  /** Segments up to this one are gone. @returns the sinks that had not taken all of them */
  noteGone({ segments, upToSegment }: UntakenSegments): readonly string[] {
    const { metrics, log } = this.#options;
    const behind = [...this.#places].filter(([, at]) => at <= upToSegment).map(([name]) => name);
    for (const sink of behind) metrics.add("sallyport_sink_missed_segments_total", { sink }, segments);
    log.error("segments of the record went before sinks had taken them", { sinks: behind, segments });
    return behind;
  }

  #tellHeld(): void {
    const sinks = this.#config?.sinks ?? [];
    this.#options.onHeld(Math.min(Infinity, ...sinks.map(({ name }) => this.#places.get(name) ?? 0)));
  }

  /** Call when the record is closed: what was written last is sent, if the receivers take it in time. */
  async close(): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#timer);
    const thread = this.#thread;
    if (thread === null) return;
    const exit = new Promise((resolve) => thread.once("exit", resolve));
    this.#send({ type: "close" });
    const late = setTimeout(() => void thread.terminate(), closeMs);
    await exit;
    clearTimeout(late);
  }

  #start(): Worker {
    const { directory, cursors, log } = this.#options;
    const thread = new Worker(new URL("thread.ts", import.meta.url), {
      name: "sinks",
      workerData: { directory, cursors } satisfies SinksStart,
      resourceLimits: { maxOldGenerationSizeMb: memoryMiB },
    });
    thread.on("message", ({ sink, news }: FromSinks) => this.#hear(sink, news));
    thread.on("error", (error) => log.error("the sinks of the record failed", { error: String(error) }));
    thread.on("exit", () => this.#ended());
    return thread;
  }

  /** Nothing is lost: the next one goes on at the cursors. */
  #ended(): void {
    this.#thread = null;
    if (this.#closing) return;
    this.#timer = setTimeout(() => {
      const config = this.#config;
      if (config === null) return;
      this.#thread ??= this.#start();
      this.#send({ type: "use", config });
    }, startAgainMs).unref();
  }

  #hear(sink: string, news: SinkNews): void {
    const { metrics, log } = this.#options;
    if (news.type === "waits") {
      if (this.#isConfigured(sink)) this.#waiting.set(sink, news.since);
    } else if (news.type === "at") {
      if (!this.#isConfigured(sink)) return;
      this.#places.set(sink, news.segment);
      this.#tellHeld();
    } else if (news.type === "failed") {
      metrics.add("sallyport_sink_failures_total", { sink });
      this.#sayFailed(sink, news.why);
    } else {
      const { records, rejected, why } = news;
      metrics.add("sallyport_sink_records_total", { sink }, records);
      metrics.add("sallyport_sink_rejected_total", { sink }, rejected);
      if (rejected > 0) log.warn("a sink does not want records", { sink, records: rejected, why });
      if (this.#failing.delete(sink)) log.info("a sink takes records again", { sink });
    }
  }

  /** One that was taken out of the definition meanwhile has no lag, and holds nothing. */
  #isConfigured(sink: string): boolean {
    return this.#config?.sinks.some(({ name }) => name === sink) === true;
  }

  #sayFailed(sink: string, why: string): void {
    const now = this.#options.clock.mono();
    if (now - (this.#failing.get(sink) ?? -Infinity) < sayEveryMs) return;
    this.#failing.set(sink, now);
    this.#options.log.warn("a sink did not take records: they are kept and sent again", { sink, why });
  }

  #send(message: ToSinks): void {
    this.#thread?.postMessage(message);
  }
}
