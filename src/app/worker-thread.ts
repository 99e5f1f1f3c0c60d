import { MessageChannel, type MessagePort, type Worker } from "node:worker_threads";
import { GatewayError } from "#model/errors.ts";
import type { FromWorker, Said, ToWorker, WorkerAnswers, WorkerStart } from "./messages.ts";
import type { WorkerReserve } from "./worker-reserve.ts";

export interface ThreadEvents {
  /** What it says of itself: no answer to a question. */
  readonly said: (message: Said) => void;
  readonly failed: (error: Error) => void;
  /** @param served it was listening until then, and had not drained */
  readonly ended: (code: number, served: boolean) => void;
}

export interface ThreadPlace {
  readonly reserve: WorkerReserve;
  /** Among the workers, from 0. */
  readonly index: number;
  readonly startDeadlineMs: number;
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
    { reserve, index, startDeadlineMs }: ThreadPlace,
  ) {
    const { port1, port2 } = new MessageChannel();
    const data = start(port2);
    this.generation = data.generation;
    this.#index = index;
    this.#worker = reserve.take(index);
    this.#worker.postMessage(data, [port2, data.analytics, data.telemetry]);
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
