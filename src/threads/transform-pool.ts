import { Worker } from "node:worker_threads";
import { GatewayError } from "#model/errors.ts";
import { errorOf, type Failure } from "./control-messages.ts";
import { buffersIn } from "./own-buffers.ts";

export interface TransformPoolOptions {
  /** What its threads run: `serveTransforms`. */
  readonly entry: URL;
  /** At a time. */
  readonly maxThreads: number;
  /** Jobs that may wait for a thread; one more is refused. */
  readonly maxWaiting: number;
  /** Longest wait for a thread, milliseconds. */
  readonly patienceMs: number;
  /** Of one thread's JavaScript, MiB. What libraries hold beside it is theirs to bound. */
  readonly memoryMiB: number;
  /** A job had to be stopped with its thread; a new thread takes its place. */
  readonly onStopped: (job: string, why: string) => void;
}

/** What a job needs and many jobs share: sent to a thread once. */
export interface Asset {
  /** Says what it holds (a digest): one that has changed is another one, so no thread can use a stale one. */
  readonly key: string;
  readonly value: unknown;
}

export interface TransformJob {
  readonly name: string;
  /** Can be cloned. */
  readonly request: unknown;
  readonly asset?: Asset;
  /** Of work, milliseconds. */
  readonly limitMs: number;
}

/** `asset` null: the thread has it. */
export interface JobMessage {
  readonly name: string;
  readonly request: unknown;
  readonly assetKey: string | null;
  readonly asset: Asset | null;
}

/** A failure of `transform-stopped` is the thread's last word: what ran in it is not to be relied on any more. */
export type JobAnswer = { readonly response: unknown } | { readonly failure: Failure };

/** A thread's first word. */
export type ThreadReady = { readonly ready: true };

interface Waiting {
  readonly job: TransformJob;
  readonly resolve: (response: unknown) => void;
  readonly reject: (error: Error) => void;
  timer: NodeJS.Timeout | null;
}

/** A thread that has to begin does not take a job's time, however busy the machine is. */
const startMs = 15_000;

/** Assets that a thread gets before another one takes its place: what libraries made of them goes with it. */
const maxAssets = 64;

/**
 * Threads beside a worker for what would hold up its requests: one job at a time and thread, stopped with its thread
 * when it takes too long or too much memory. Each worker has its own, and not all workers one of main's: bodies do not
 * go through the control plane then, a worker that ends takes its jobs along, and what one worker's clients send holds up
 * nobody else's. The system spreads connections over the workers, and so the jobs. Threads begin with the first job.
 */
export class TransformPool {
  readonly #options: TransformPoolOptions;
  readonly #threads = new Set<TransformThread>();
  readonly #waiting: Waiting[] = [];
  #closed = false;

  constructor(options: TransformPoolOptions) {
    this.#options = options;
  }

  /** Threads that there are. */
  get threads(): number {
    return this.#threads.size;
  }

  /**
   * @throws GatewayError `transform-busy` when too many wait, for too long or after the end; `transform-stopped` when it
   * takes too long or too much memory; the job's own
   */
  run(job: TransformJob): Promise<unknown> {
    if (this.#closed) return Promise.reject(busy("there is no thread for transforms any more"));
    const { maxWaiting, patienceMs } = this.#options;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const waiting: Waiting = { job, resolve, reject, timer: null };
    const thread = this.#idle();
    if (thread !== undefined) thread.take(waiting);
    else if (this.#waiting.length >= maxWaiting) reject(busy("too many bodies wait for a thread"));
    else {
      waiting.timer = setTimeout(() => this.#giveUp(waiting), patienceMs);
      this.#waiting.push(waiting);
    }
    return promise;
  }

  /** Fails what waits and what runs. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const { timer, reject } of this.#waiting.splice(0)) {
      clearTimeout(timer ?? undefined);
      reject(busy("the gateway is stopping"));
    }
    await Promise.all([...this.#threads].map((thread) => thread.stop("the gateway is stopping")));
  }

  #idle(): TransformThread | undefined {
    for (const thread of this.#threads) if (!thread.isBusy) return thread;
    if (this.#threads.size >= this.#options.maxThreads) return undefined;
    const thread = new TransformThread(this.#options, {
      free: () => this.#next(thread),
      ended: () => {
        this.#threads.delete(thread);
        this.#next(undefined);
      },
    });
    this.#threads.add(thread);
    return thread;
  }

  #next(free: TransformThread | undefined): void {
    if (this.#waiting.length === 0) return;
    const thread = free ?? this.#idle();
    const waiting = thread === undefined ? undefined : this.#waiting.shift();
    if (thread === undefined || waiting === undefined) return;
    clearTimeout(waiting.timer ?? undefined);
    thread.take(waiting);
  }

  #giveUp(waiting: Waiting): void {
    const index = this.#waiting.indexOf(waiting);
    if (index === -1) return;
    this.#waiting.splice(index, 1);
    waiting.reject(busy("no thread was free in time"));
  }
}

interface ThreadEvents {
  readonly free: () => void;
  readonly ended: () => void;
}

class TransformThread {
  readonly #worker: Worker;
  readonly #options: TransformPoolOptions;
  readonly #events: ThreadEvents;
  readonly #assets = new Set<string>();
  #current: Waiting | null = null;
  #isReady = false;
  #isOver = false;

  constructor(options: TransformPoolOptions, events: ThreadEvents) {
    this.#options = options;
    this.#events = events;
    this.#worker = new Worker(options.entry, {
      name: "sallyport-transform",
      resourceLimits: { maxOldGenerationSizeMb: options.memoryMiB },
    });
    this.#worker.on("message", (said: JobAnswer | ThreadReady) => {
      if ("ready" in said) this.#ready();
      else this.#answered(said);
    });
    this.#worker.on("error", (error: NodeJS.ErrnoException) => void this.#end(whyEnded(error)));
    this.#worker.on("exit", () => void this.#end("the thread ended"));
    // An idle thread keeps nobody alive; one that works has a timer. After the listeners, which would keep it.
    this.#worker.unref();
  }

  get isBusy(): boolean {
    return this.#current !== null;
  }

  take(waiting: Waiting): void {
    const { name, request, asset } = waiting.job;
    this.#current = waiting;
    const isKnown = asset === undefined || this.#assets.has(asset.key);
    const message: JobMessage = { name, request, assetKey: asset?.key ?? null, asset: isKnown ? null : asset };
    this.#allow(waiting);
    try {
      this.#worker.postMessage(message, buffersIn(request));
      if (asset !== undefined) this.#assets.add(asset.key);
    } catch (error) {
      this.#settle()?.reject(new GatewayError("internal", 500, `transform ${name}: cannot be sent`, { cause: error }));
      this.#events.free();
    }
  }

  stop(why: string): Promise<void> {
    this.#end(why);
    return this.#worker.terminate().then(() => undefined);
  }

  #ready(): void {
    this.#isReady = true;
    if (this.#current !== null) this.#allow(this.#current);
  }

  #allow(waiting: Waiting): void {
    const ms = this.#isReady ? Math.round(waiting.job.limitMs) : startMs;
    const why = this.#isReady ? `it took longer than ${ms} ms` : "its thread did not begin in time";
    clearTimeout(waiting.timer ?? undefined);
    waiting.timer = setTimeout(() => void this.stop(why), ms);
  }

  #answered(answer: JobAnswer): void {
    if ("failure" in answer && answer.failure.code === "transform-stopped")
      return void this.stop(answer.failure.message);
    const waiting = this.#settle();
    if ("failure" in answer) waiting?.reject(errorOf(answer.failure));
    else waiting?.resolve(answer.response);
    if (this.#assets.size >= maxAssets) void this.stop("it has had its share of assets");
    else if (!this.#isOver) this.#events.free();
  }

  #end(why: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const waiting = this.#settle();
    if (waiting !== undefined) {
      this.#options.onStopped(waiting.job.name, why);
      waiting.reject(new GatewayError("transform-stopped", 500, `transform ${waiting.job.name}: ${why}`));
    }
    this.#events.ended();
  }

  #settle(): Waiting | undefined {
    const waiting = this.#current ?? undefined;
    clearTimeout(waiting?.timer ?? undefined);
    this.#current = null;
    return waiting;
  }
}

/** The message of any other error may quote a body. */
function whyEnded({ code }: NodeJS.ErrnoException): string {
  return code === "ERR_WORKER_OUT_OF_MEMORY" ? "it took too much memory" : "the thread failed";
}

function busy(message: string): GatewayError {
  return new GatewayError("transform-busy", 503, message, { retryable: true });
}
