import { Worker } from "node:worker_threads";

const dataPlane = new URL("worker.ts", import.meta.url);
// Out of memory ends a thread, not the process.
const resourceLimits = { maxOldGenerationSizeMb: 1024 };

/**
 * Threads that read their code while main still reads the definition and opens its data: two thirds of a start are
 * reading code, and a worker's part of it need not come last. Such a thread does nothing until it is told its start.
 */
export class WorkerReserve {
  readonly #entry: URL;
  readonly #waiting = new Map<number, Worker>();

  /** @param entry what threads run. Default: the data plane */
  constructor(entry: URL = dataPlane) {
    this.#entry = entry;
  }

  /** Starts threads for workers 0 to `count` - 1. */
  fill(count: number): void {
    for (let index = 0; index < count; index += 1) {
      const worker = this.#start(index);
      this.#waiting.set(index, worker);
      // Whoever takes the place then has another, which fails where somebody listens.
      worker.once("error", () => this.#waiting.delete(index));
      worker.once("exit", () => this.#waiting.delete(index));
      worker.unref();
    }
  }

  /** A thread to tell its start: one that waits for it, else a new one. */
  take(index: number): Worker {
    const waiting = this.#waiting.get(index);
    if (waiting === undefined) return this.#start(index);
    this.#waiting.delete(index);
    waiting.removeAllListeners("error").removeAllListeners("exit");
    waiting.ref();
    return waiting;
  }

  /** Ends those that nobody has taken. */
  async close(): Promise<void> {
    const left = [...this.#waiting.values()];
    this.#waiting.clear();
    await Promise.all(left.map((worker) => worker.terminate()));
  }

  #start(index: number): Worker {
    return new Worker(this.#entry, { name: `sallyport-${index}`, resourceLimits });
  }
}
