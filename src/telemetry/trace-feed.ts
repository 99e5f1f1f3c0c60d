import type { MessagePort } from "node:worker_threads";
import type { FinishedTrace } from "./finished-trace.ts";

/** What a worker tells the thread that exports. */
export interface ToldTraces {
  readonly traces: readonly FinishedTrace[];
  /** Left out since the last time, since there were too many. */
  readonly dropped: number;
}

/** Longest wait for more. */
const gatherMs = 500;
/** Told at once, so that no message is large. */
const lot = 64;
/** On their way to the thread: a thread that hangs takes no memory here. */
const mostUnderWay = 1024;

/** Exchanges of a worker on their way to be exported: bounded, and nobody waits for them. */
export class TraceFeed {
  readonly #port: MessagePort;
  #timer: NodeJS.Timeout | undefined;
  #traces: FinishedTrace[] = [];
  #underWay = 0;
  #dropped = 0;

  constructor(port: MessagePort) {
    this.#port = port;
    port.on("message", (taken: number) => (this.#underWay -= taken));
    port.unref();
  }

  /** Whether another one would find room; asked before it is made. */
  hasRoom(): boolean {
    if (this.#underWay + this.#traces.length < mostUnderWay) return true;
    this.#dropped += 1;
    return false;
  }

  push(trace: FinishedTrace): void {
    this.#traces.push(trace);
    if (this.#traces.length >= lot) this.#tell();
    else this.#timer ??= setTimeout(() => this.#tell(), gatherMs).unref();
  }

  close(): void {
    this.#tell();
    this.#port.close();
  }

  #tell(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#traces.length === 0 && this.#dropped === 0) return;
    const told: ToldTraces = { traces: this.#traces, dropped: this.#dropped };
    this.#underWay += this.#traces.length;
    this.#traces = [];
    this.#dropped = 0;
    this.#port.postMessage(told);
  }
}
