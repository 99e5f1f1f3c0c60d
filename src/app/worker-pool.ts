import type { MessagePort } from "node:worker_threads";
import type { EndedConnections } from "#model/connection-ends.ts";
import type { ShadowNews } from "#model/shadow.ts";
import type { RequestTrace } from "#model/tracing.ts";
import type { SeenUser } from "#products/provisioning.ts";
import type { JsonLog } from "./log.ts";
import type { CacheProblemCounts } from "#upstream/external-cache/problems.ts";
import type { EmittedNews } from "./metrics/policy-counts.ts";
import type { RequestNews } from "./metrics/request-counts.ts";
import type { Said, ToWorker, WorkerStart } from "./messages.ts";
import { type AnswerTo, type Message, type ThreadEvents, WorkerThread } from "./worker-thread.ts";
import type { WorkerReserve } from "./worker-reserve.ts";

export interface WorkerPoolOptions {
  readonly count: number;
  readonly log: JsonLog;
  /** What a worker starts with, as of now: a replacement gets the newest snapshot and certificates. */
  readonly startData: (index: number, generation: number, control: MessagePort) => WorkerStart;
  /** Serves the control calls of one worker. */
  readonly serve: (port: MessagePort) => void;
  /** Unlike that of any thread before, not 0. */
  readonly nextGeneration: () => number;
  /** A worker ended: what it held must be freed before another takes its place. Crashed: it served, and did not drain. */
  readonly onDeath: (generation: number, crashed: boolean) => void;
  /** Another takes the place of one that ended. */
  readonly onRestart: () => void;
  /** What a worker has counted. */
  readonly onRequests: (news: readonly RequestNews[]) => void;
  /** What its policies have emitted. */
  readonly onEmitted: (news: EmittedNews) => void;
  /** What its external cache has not served. */
  readonly onCacheProblems: (problems: CacheProblemCounts) => void;
  /** What mirrors of its requests have found. */
  readonly onShadow: (news: ShadowNews) => void;
  /** Somebody whom a provider vouches for. */
  readonly onUserSeen: (user: SeenUser) => void;
  /** All that was done with a request that asked for it. */
  readonly onTrace: (trace: RequestTrace) => void;
  /** An issuer that a client has sent, DER. */
  readonly onClientIssuer: (der: Uint8Array) => void;
  readonly onConnectionsEnded: (ended: readonly EndedConnections[]) => void;
  /** Has the threads. */
  readonly reserve: WorkerReserve;
}

export interface WorkerPool {
  /** Resolves when every worker listens. */
  start(): Promise<void>;
  /** Sends to all, and waits for nobody. */
  tell(message: ToWorker): void;
  /** Sends to all; resolves when all have done it. @throws GatewayError when one fails, ends or is late */
  broadcast(message: ToWorker): Promise<void>;
  /** Asks all. @returns what those said who answered in time; the others are left out, and logged */
  gather<T extends ToWorker["type"]>(message: Message<T>, patienceMs: number): Promise<readonly AnswerTo<T>[]>;
  /** How many serve. */
  readonly listening: number;
  /** Cooperative stop; workers that are not done by then are terminated. */
  drain(drainMs: number): Promise<void>;
}

const deadlineMs = 15_000;
const restartDelayMs = 500;
/** What cannot even start would fail again at once. */
const retryDelayMs = 5000;

/** The data plane's threads. One that dies is replaced; `terminate` is used only after the drain's deadline. */
export function createWorkerPool(options: WorkerPoolOptions): WorkerPool {
  return new Pool(options);
}

class Pool implements WorkerPool {
  readonly #options: WorkerPoolOptions;
  readonly #threads: WorkerThread[] = [];
  #isUp = false;
  #stopping = false;

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    for (let index = 0; index < this.#options.count; index += 1) this.#threads.push(this.#spawn(index));
    await Promise.all(this.#threads.map(({ started }) => started));
    this.#isUp = true;
  }

  tell(message: ToWorker): void {
    for (const thread of this.#present) thread.tell(message);
  }

  async broadcast(message: ToWorker): Promise<void> {
    await Promise.all(this.#present.map((thread) => thread.ask(message, deadlineMs)));
  }

  async gather<T extends ToWorker["type"]>(message: Message<T>, patienceMs: number): Promise<readonly AnswerTo<T>[]> {
    const answers = await Promise.allSettled(this.#present.map((thread) => thread.ask(message, patienceMs)));
    return answers.flatMap((answer) => {
      if (answer.status === "fulfilled") return [answer.value];
      this.#options.log.warn("a worker was left out", { question: message.type, error: String(answer.reason) });
      return [];
    });
  }

  get listening(): number {
    return this.#threads.filter(({ isListening }) => isListening).length;
  }

  async drain(drainMs: number): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#present.map((thread) => this.#drain(thread, drainMs)));
  }

  /** A thread that has ended has its successor's start data for everything that comes meanwhile. */
  get #present(): readonly WorkerThread[] {
    return this.#threads.filter(({ hasEnded }) => !hasEnded);
  }

  #spawn(index: number): WorkerThread {
    const { nextGeneration, startData, serve, log } = this.#options;
    const generation = nextGeneration();
    const events: ThreadEvents = {
      said: (message) => this.#hear(thread, message),
      failed: (error) => log.error("worker failed", { worker: index, error: error.message }),
      ended: (code, served) => this.#ended(index, thread, code, served),
    };
    const start = (control: MessagePort): WorkerStart => startData(index, generation, control);
    const thread: WorkerThread = new WorkerThread(start, serve, events, {
      reserve: this.#options.reserve,
      index,
      startDeadlineMs: deadlineMs,
    });
    return thread;
  }

  #hear(from: WorkerThread, message: Said): void {
    if (message.type === "log") return this.#options.log[message.level](message.message, message.fields);
    if (message.type === "api-log") return this.#options.log.write(message.level, message.message, message.fields);
    if (message.type === "requests") return this.#options.onRequests(message.news);
    if (message.type === "policy-metrics") return this.#options.onEmitted(message.emitted);
    if (message.type === "cache-problems") return this.#options.onCacheProblems(message.problems);
    if (message.type === "shadow") return this.#options.onShadow(message.news);
    if (message.type === "user-seen") return this.#options.onUserSeen(message.user);
    if (message.type === "trace") return this.#options.onTrace(message.trace);
    if (message.type === "client-issuer") return this.#options.onClientIssuer(message.der);
    if (message.type === "connections-ended") return this.#options.onConnectionsEnded(message.ended);
    for (const thread of this.#present) if (thread !== from) thread.tell(message);
    return undefined;
  }

  #ended(index: number, thread: WorkerThread, code: number, served: boolean): void {
    const { log, onDeath } = this.#options;
    onDeath(thread.generation, served);
    // One of the first that does not come up is the start's to report.
    if (this.#stopping || !this.#isUp) return;
    log.error("worker ended, starting another", { worker: index, code });
    const delayMs = served ? restartDelayMs : retryDelayMs;
    setTimeout(() => this.#replace(index), delayMs);
  }

  #replace(index: number): void {
    if (this.#stopping) return;
    this.#options.onRestart();
    const thread = this.#spawn(index);
    this.#threads[index] = thread;
    thread.started.catch((error: Error) => {
      this.#options.log.error("worker failed", { worker: index, error: error.message });
      return thread.terminate();
    });
  }

  async #drain(thread: WorkerThread, drainMs: number): Promise<void> {
    try {
      await thread.ask({ type: "drain", deadlineMs: drainMs }, drainMs + 1000);
    } catch (error) {
      this.#options.log.warn("worker did not drain", { error: (error as Error).message });
    }
    await thread.terminate();
  }
}
