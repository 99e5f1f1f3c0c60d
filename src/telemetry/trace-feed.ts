import type { MessagePort } from "node:worker_threads";
import type { FinishedTrace } from "./finished-trace.ts";
import type { InsightsMetrics } from "./insights/metric-counts.ts";
import { type Logged, weightOf } from "./insights/weight.ts";

/** What a worker tells the thread that exports. */
export interface ToldTraces {
  readonly traces: readonly FinishedTrace[];
  /** For Application Insights. */
  readonly logged: readonly Logged[];
  /** Of all of them; the thread gives it back when it has taken them. */
  readonly weight: number;
  /** Left out since the last time, since there were too many. */
  readonly dropped: number;
}

/** Longest wait for more. */
const gatherMs = 500;
/** Told at once, so that no message is large. */
const lot = 64;
/** On their way to the thread, by weight: a thread that hangs takes no memory here. */
const mostUnderWay = 1024;

/** Exchanges of a worker on their way to be exported: bounded, and nobody waits for them. */
export class TraceFeed {
  readonly #port: MessagePort;
  #timer: NodeJS.Timeout | undefined;
  #traces: FinishedTrace[] = [];
  #logged: Logged[] = [];
  #weight = 0;
  #underWay = 0;
  #dropped = 0;

  constructor(port: MessagePort) {
    this.#port = port;
    port.on("message", (taken: number) => (this.#underWay -= taken));
    port.unref();
  }

  /** Whether another one would find room; asked before it is made. */
  hasRoom(): boolean {
    if (this.#underWay + this.#weight < mostUnderWay) return true;
    this.#dropped += 1;
    return false;
  }

  /** One could not be made. */
  drop(): void {
    this.#dropped += 1;
  }

  push(trace: FinishedTrace): void {
    this.#traces.push(trace);
    this.#add(1);
  }

  pushLogged(one: Logged): void {
    this.#logged.push(one);
    this.#add(weightOf(one));
  }

  /** What there is no room for is dropped; it is few and once a minute. */
  pushMetrics({ metrics, dropped }: ReturnType<InsightsMetrics["take"]>): void {
    this.#dropped += dropped;
    for (const one of metrics) if (this.hasRoom()) this.pushLogged(one);
  }

  close(): void {
    this.#tell();
    this.#port.close();
  }

  #add(weight: number): void {
    this.#weight += weight;
    if (this.#weight >= lot) this.#tell();
    else this.#timer ??= setTimeout(() => this.#tell(), gatherMs).unref();
  }

  #tell(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#weight === 0 && this.#dropped === 0) return;
    const told: ToldTraces = {
      traces: this.#traces,
      logged: this.#logged,
      weight: this.#weight,
      dropped: this.#dropped,
    };
    this.#underWay += this.#weight;
    this.#traces = [];
    this.#logged = [];
    this.#weight = 0;
    this.#dropped = 0;
    this.#port.postMessage(told);
  }
}
