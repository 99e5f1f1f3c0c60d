import { MessageChannel, type MessagePort, Worker } from "node:worker_threads";
import { GatewayError } from "#model/errors.ts";
import type { Clock, Log } from "#model/ports.ts";
import { PendingCalls } from "#storage/pending-calls.ts";
import { fromErrorMessage } from "#storage/store-messages.ts";
import type { Keep } from "./levels.ts";
import type { FromAnalytics, ToAnalytics } from "./messages.ts";
import type { Answer, Question } from "./question.ts";

export interface AnalyticsOptions {
  readonly path: string;
  readonly keep: Keep;
  readonly clock: Clock;
  readonly log: Log;
  /** Calls that were counted under `other`. */
  readonly onBeyond: (dimension: string, calls: number) => void;
  /** Calls that are not counted, since they could not be written. */
  readonly onLost: (calls: number) => void;
}

const deadlineMs = 20_000;
const questionsAtMost = 16;
const closeMs = 5000;

/**
 * Main's end of the thread of the roll-ups. Serving never depends on it: without the thread nothing is counted, the log
 * says so, and questions are refused.
 */
export class Analytics {
  readonly #options: AnalyticsOptions;
  readonly #thread: Worker;
  readonly #pending = new PendingCalls(deadlineMs, questionsAtMost);
  readonly #ended: Promise<unknown>;
  #isClosing = false;

  constructor(options: AnalyticsOptions) {
    this.#options = options;
    const { path, keep, log } = options;
    const entry = new URL("./store/thread.ts", import.meta.url);
    this.#thread = new Worker(entry, { name: "analytics", workerData: { path, keep } });
    this.#thread.on("message", (message: FromAnalytics) => this.#hear(message));
    this.#thread.on("error", (error) => log.error("analytics failed", { error: String(error) }));
    this.#ended = new Promise((resolve) => this.#thread.once("exit", resolve)).then(() => this.#lost());
  }

  /** For a worker that is about to start: what it has counted goes straight to the thread. */
  portFor(): MessagePort {
    const { port1, port2 } = new MessageChannel();
    this.#send({ type: "worker", port: port1 }, [port1]);
    return port2;
  }

  /** @throws GatewayError `client-malformed` when it asks for too much, `store-unavailable` */
  ask(question: Question): Promise<Answer> {
    const now = this.#options.clock.now();
    return this.#pending.add((id) => this.#send({ type: "ask", id, question, now })) as Promise<Answer>;
  }

  use(keep: Keep): void {
    this.#send({ type: "keep", keep });
  }

  /** Call when no worker counts any more. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#send({ type: "close" });
    const late = setTimeout(() => void this.#thread.terminate(), closeMs);
    await this.#ended;
    clearTimeout(late);
  }

  #hear(message: FromAnalytics): void {
    const { log, onBeyond, onLost } = this.#options;
    if (message.type === "answer") this.#pending.resolve(message.id, message.answer);
    else if (message.type === "refused") this.#pending.reject(message.id, fromErrorMessage(message.error));
    else if (message.type === "beyond") for (const [dimension, calls] of message.beyond) onBeyond(dimension, calls);
    else if (message.type === "lost") {
      log.error("analytics could not be written", { calls: message.calls, error: message.why });
      onLost(message.calls);
    } else if (message.type === "failed") {
      log.error("analytics cannot be kept: nothing is counted", { error: message.error.message });
    } else if (message.setAside !== null) {
      log.error("the analytics file could not be read: it is put aside, and counting begins anew", {
        file: message.setAside,
      });
    }
  }

  #lost(): void {
    const error = new GatewayError("store-unavailable", 503, "analytics are not kept", { source: "store" });
    this.#pending.refuse(error);
    this.#pending.rejectAll(error);
    if (!this.#isClosing) this.#options.log.error("the thread of the analytics has ended: nothing is counted");
  }

  #send(message: ToAnalytics, transfer: readonly MessagePort[] = []): void {
    this.#thread.postMessage(message, transfer);
  }
}
