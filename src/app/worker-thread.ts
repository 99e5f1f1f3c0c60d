import { MessageChannel, type MessagePort, Worker } from "node:worker_threads";
import { GatewayError } from "#model/errors.ts";
import type { FromWorker, Said, ToWorker, WorkerAnswers, WorkerStart } from "./messages.ts";

export interface ThreadEvents {
  /** What it says of itself: no answer to a question. */
  readonly said: (message: Said) => void;
  readonly failed: (error: Error) => void;
  /** @param served it was listening until then, and had not drained */
  readonly ended: (code: number, served: boolean) => void;
}

interface Question {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** One data-plane thread, with the questions that it has still to answer. */
export class WorkerThread {
  readonly generation: number;
  /** Resolves when it listens. Rejects when it does not, within the deadline. */
  readonly started: Promise<void>;
  readonly #worker: Worker;
  readonly #index: number;
  readonly #questions = new Map<number, Question>();
  #asked = 0;
  #drainAsk = -1;
  #state: "starting" | "listening" | "drained" | "ended" = "starting";

  constructor(
    start: (control: MessagePort) => WorkerStart,
    serve: (port: MessagePort) => void,
    events: ThreadEvents,
    { entry, startDeadlineMs }: { readonly entry: URL; readonly startDeadlineMs: number },
  ) {
    const { port1, port2 } = new MessageChannel();
    const data = start(port2);
    this.generation = data.generation;
    this.#index = data.index;
    this.#worker = new Worker(entry, {
      name: `sallyport-${data.index}`,
      workerData: data,
      transferList: [port2, data.analytics, data.telemetry],
      // Out of memory ends this thread, not the process.
      resourceLimits: { maxOldGenerationSizeMb: 1024 },
    });
    serve(port1);
    // The start is the first question, which nobody has to ask.
    this.started = this.#answerTo<void>(startQuestion, "start", startDeadlineMs);
    this.started.catch(() => {});
    this.#worker.on("message", (message: FromWorker) => this.#receive(message, events));
    this.#worker.on("error", events.failed);
    this.#worker.on("exit", (code) => {
      port1.close();
      this.#end(code, events);
    });
  }

  get isListening(): boolean {
    return this.#state === "listening";
  }

  get hasEnded(): boolean {
    return this.#state === "ended";
  }

  /** Nobody waits for an answer. */
  tell(message: ToWorker): void {
    this.#worker.postMessage({ ask: null, message });
  }

  /** @returns its own answer @throws GatewayError when it fails, ends, or does not answer in time */
  ask<T extends ToWorker["type"]>(message: Message<T>, deadlineMs: number): Promise<AnswerTo<T>> {
    const ask = (this.#asked += 1);
    if (message.type === "drain") this.#drainAsk = ask;
    this.#worker.postMessage({ ask, message });
    return this.#answerTo<AnswerTo<T>>(ask, message.type, deadlineMs);
  }

  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }

  #answerTo<T>(ask: number, what: string, deadlineMs: number): Promise<T> {
    const late = `worker ${this.#index} did not answer "${what}" within ${deadlineMs} ms`;
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const timer = setTimeout(() => this.#take(ask)?.reject(new GatewayError("internal", 500, late)), deadlineMs);
    this.#questions.set(ask, { resolve: resolve as (value: unknown) => void, reject });
    return promise.finally(() => clearTimeout(timer));
  }

  #receive(message: FromWorker, events: ThreadEvents): void {
    if (message.type === "answer") return this.#answered(message.ask, message.value);
    if (message.type === "failed") return this.#fail(message.ask ?? startQuestion, message.message, events);
    if (message.type !== "listening") return events.said(message);
    if (this.#state === "starting") this.#state = "listening";
    return this.#take(startQuestion)?.resolve(undefined);
  }

  #answered(ask: number, value: unknown): void {
    // Before whoever waits hears of it: the runtime hands over the last messages of a thread in the turn in which it says
    // that it has ended, and no promise is settled in between.
    if (ask === this.#drainAsk) this.#state = "drained";
    this.#take(ask)?.resolve(value);
  }

  /** What nobody waits for is told all the same. */
  #fail(ask: number, message: string, { failed }: ThreadEvents): void {
    const error = new GatewayError("internal", 500, message);
    const question = this.#take(ask);
    if (question === undefined) failed(error);
    else question.reject(error);
  }

  #take(ask: number): Question | undefined {
    const question = this.#questions.get(ask);
    this.#questions.delete(ask);
    return question;
  }

  #end(code: number, { ended }: ThreadEvents): void {
    const error = new GatewayError("internal", 500, `worker ${this.#index} ended with code ${code}`);
    const served = this.isListening;
    this.#state = "ended";
    for (const ask of this.#questions.keys()) this.#take(ask)?.reject(error);
    ended(code, served);
  }
}

const startQuestion = 0;

/** A message by its type. */
export type Message<T extends ToWorker["type"]> = Extract<ToWorker, { readonly type: T }>;
export type AnswerTo<T> = T extends keyof WorkerAnswers ? WorkerAnswers[T] : null;
