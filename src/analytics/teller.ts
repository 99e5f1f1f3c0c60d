import type { MessagePort } from "node:worker_threads";
import { setImmediate } from "node:timers/promises";
import type { UsageCounter } from "./usage-counter.ts";

/** What a crash loses at most of a worker's counts. */
const everyMs = 5000;
/** Messages that the thread has not taken yet; beyond, counting goes on here until it has. */
const waitingAtMost = 64;

/** Tells the thread of the roll-ups what a worker has counted, on the full five seconds, so that minutes stay apart. */
export class UsageTeller {
  readonly #counter: UsageCounter;
  readonly #port: MessagePort;
  readonly #now: () => number;
  #timer: NodeJS.Timeout | undefined;
  #waiting = 0;
  #telling: Promise<void> = Promise.resolve();

  constructor(counter: UsageCounter, port: MessagePort, now: () => number) {
    this.#counter = counter;
    this.#port = port;
    this.#now = now;
    port.on("message", (taken: number) => (this.#waiting -= taken));
    port.unref();
    this.#arm();
  }

  /** The last words. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#telling;
    for (const told of this.#counter.take(this.#now())) this.#port.postMessage(told);
    this.#port.close();
  }

  #arm(): void {
    const rest = everyMs - (this.#now() % everyMs);
    this.#timer = setTimeout(() => {
      this.#arm();
      if (this.#waiting < waitingAtMost) this.#telling = this.#tell();
    }, rest).unref();
  }

  /** Requests have their turn between two lots. */
  async #tell(): Promise<void> {
    for (const told of this.#counter.take(this.#now())) {
      this.#waiting += 1;
      this.#port.postMessage(told, [told.rows.buffer, told.sketches.buffer]);
      await setImmediate();
    }
  }
}
