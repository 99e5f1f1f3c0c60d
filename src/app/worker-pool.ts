import { MessageChannel, type MessagePort, Worker } from "node:worker_threads";
import { GatewayError } from "#model/errors.ts";
import type { Log } from "#model/ports.ts";
import type { FromWorker, ToWorker, WorkerStart } from "./messages.ts";

export interface WorkerPoolOptions {
  readonly count: number;
  readonly log: Log;
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
}

export interface WorkerPool {
  /** Resolves when every worker listens. */
  start(): Promise<void>;
  /** Sends to all; resolves when all have answered with `answer`. */
  broadcast(message: ToWorker, answer?: FromWorker["type"]): Promise<void>;
  /** How many serve. */
  readonly listening: number;
  /** Cooperative stop; workers that are not done by then are terminated. */
  drain(deadlineMs: number): Promise<void>;
}

interface Slot {
  worker: Worker;
  generation: number;
  alive: boolean;
  listening: boolean;
  drained: boolean;
  waiting: { readonly answer: FromWorker["type"]; readonly done: (error?: Error) => void }[];
}

const startDeadlineMs = 15_000;
const restartDelayMs = 500;

/** The data plane's threads. One that dies is replaced; `terminate` is used only after the drain's deadline. */
export function createWorkerPool(options: WorkerPoolOptions): WorkerPool {
  const slots: Slot[] = [];
  let stopping = false;

  function spawn(index: number): Slot {
    const generation = options.nextGeneration();
    const { port1, port2 } = new MessageChannel();
    const worker = new Worker(new URL("worker.ts", import.meta.url), {
      name: `sallyport-${index}`,
      workerData: options.startData(index, generation, port2),
      transferList: [port2],
      // Out of memory ends this thread, not the process.
      resourceLimits: { maxOldGenerationSizeMb: 1024 },
    });
    options.serve(port1);
    const slot: Slot = { worker, generation, alive: true, listening: false, drained: false, waiting: [] };
    worker.on("message", (message: FromWorker) => receive(slot, message));
    worker.on("error", (error: Error) => options.log.error("worker failed", { worker: index, error: error.message }));
    worker.on("exit", (code) => {
      port1.close();
      exited(index, slot, code);
    });
    return slot;
  }

  function receive(slot: Slot, message: FromWorker): void {
    if (message.type === "log") return options.log[message.level](message.message, message.fields);
    if (message.type === "probe") return tellOthers(slot, message);
    if (message.type === "listening") slot.listening = true;
    if (message.type === "drained") slot.drained = true;
    const failed = message.type === "failed" ? new GatewayError("internal", 500, message.message) : undefined;
    const waiting = slot.waiting.filter(({ answer }) => failed !== undefined || answer === message.type);
    slot.waiting = slot.waiting.filter((entry) => !waiting.includes(entry));
    for (const { done } of waiting) done(failed);
    return undefined;
  }

  function tellOthers(from: Slot, message: ToWorker): void {
    for (const slot of slots) if (slot !== from) slot.worker.postMessage(message);
  }

  function exited(index: number, slot: Slot, code: number): void {
    slot.alive = false;
    const error = new GatewayError("internal", 500, `worker ${index} ended with code ${code}`);
    for (const { done } of slot.waiting.splice(0)) done(stopping ? undefined : error);
    options.onDeath(slot.generation, slot.listening && !slot.drained);
    // A worker that never came up would fail again at once: the start reports it instead.
    if (stopping || !slot.listening) return;
    options.log.error("worker ended, starting another", { worker: index, code });
    setTimeout(() => {
      if (stopping) return;
      options.onRestart();
      slots[index] = spawn(index);
    }, restartDelayMs);
  }

  function answered(slot: Slot, answer: FromWorker["type"], deadlineMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const late = new GatewayError("internal", 500, `a worker did not answer "${answer}" within ${deadlineMs} ms`);
      const timer = setTimeout(() => reject(late), deadlineMs);
      slot.waiting.push({
        answer,
        done: (error) => {
          clearTimeout(timer);
          if (error === undefined) resolve();
          else reject(error);
        },
      });
    });
  }

  return {
    start: async () => {
      for (let index = 0; index < options.count; index += 1) slots.push(spawn(index));
      await Promise.all(slots.map((slot) => answered(slot, "listening", startDeadlineMs)));
    },
    broadcast: async (message, answer) => {
      await Promise.all(
        slots.map((slot) => {
          const done = answer === undefined ? Promise.resolve() : answered(slot, answer, startDeadlineMs);
          slot.worker.postMessage(message);
          return done;
        }),
      );
    },
    get listening() {
      return slots.filter((slot) => slot.listening && slot.alive).length;
    },
    drain: async (deadlineMs) => {
      stopping = true;
      await Promise.all(
        slots.map(async (slot) => {
          const done = answered(slot, "drained", deadlineMs + 1000);
          slot.worker.postMessage({ type: "drain", deadlineMs } satisfies ToWorker);
          await done.catch((error: Error) => options.log.warn("worker did not drain", { error: error.message }));
          await slot.worker.terminate();
        }),
      );
    },
  };
}
