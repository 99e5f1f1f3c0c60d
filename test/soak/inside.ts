// Preloaded into a gateway under test (NODE_OPTIONS=--import): every thread answers questions that cannot be asked from
// outside. A signal makes the main thread read a question from a folder; each thread writes its answer there.
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { queryObjects, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { BroadcastChannel, isMainThread, threadName } from "node:worker_threads";
import { Router } from "#pipeline/router.ts";

interface Question {
  readonly number: number;
  readonly what: "heap" | "throw" | "exit" | "fill";
  /** Name of the one thread that is meant; all when absent. */
  readonly thread?: string;
}

export interface ThreadHeap {
  readonly thread: string;
  /** After a full collection. */
  readonly heapBytes: number;
  readonly externalBytes: number;
  /** Definitions that are linked and alive; each has one router. */
  readonly linked: number;
  /** Milliseconds for which the thread did not come to its timers, since it was asked last. */
  readonly longestMs: number;
  /** The most of that which was its own work, and not that of others on the same cores. Some 2 ms too much. */
  readonly busiestMs: number;
}

const folder = process.env["SALLYPORT_SOAK_INSIDE"];
const name: string = isMainThread ? "main" : (threadName ?? "");

const delays = monitorEventLoopDelay({ resolution: 5 });

const tickMs = 2;
let busiest = 0;
let before = 0;

/** Processor time of this thread between two of its turns. */
function tick(): void {
  const now = workedMs();
  if (before > 0) busiest = Math.max(busiest, now - before);
  before = now;
}

const schedule = "/proc/thread-self/schedstat";
const isExact = existsSync(schedule);

/** The clock of `threadCpuUsage` moves 4 ms at a time on many kernels. */
function workedMs(): number {
  if (isExact) return Number(readFileSync(schedule, "utf8").split(" ", 1)[0]) / 1e6;
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

// It costs something itself, so it is on where it is asked about.
if (folder !== undefined && process.env["SALLYPORT_SOAK_WORK"] === "1") {
  delays.enable();
  setInterval(tick, tickMs).unref();
}

function heap(): ThreadHeap {
  const longestMs = delays.max / 1e6;
  const busiestMs = busiest;
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  // Twice: what finalisers let go of in the first is collected in the second.
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  setImmediate(() => {
    delays.reset();
    before = 0;
    busiest = 0;
  });
  return {
    thread: name,
    longestMs,
    busiestMs,
    heapBytes: heapUsed,
    externalBytes: external,
    linked: queryObjects(Router, { format: "count" }),
  };
}

/** Until the thread's heap limit ends it. */
function fill(): never {
  const held: string[][] = [];
  for (;;) held.push(Array.from({ length: 100_000 }, (_, at) => `filler ${held.length} ${at}`));
}

function answer({ number, what, thread }: Question): void {
  if (thread !== undefined && thread !== name) return;
  if (what === "exit") process.exit(7);
  if (what === "fill") setImmediate(fill);
  if (what === "throw") {
    setImmediate(() => {
      throw new Error("planted by the soak test");
    });
  }
  // Others are not asked for, and a full collection would hold up what they do next.
  if (what !== "heap" || !(isMainThread || /^sallyport-\d+$/.test(name))) return;
  const path = join(folder ?? "", `answer-${number}-${name}.json`);
  writeFileSync(`${path}.part`, JSON.stringify(heap()));
  renameSync(`${path}.part`, path);
}

if (folder !== undefined) {
  const channel = new BroadcastChannel("sallyport-soak");
  channel.unref();
  channel.addEventListener("message", (event) => answer((event as unknown as { readonly data: Question }).data));
  if (isMainThread) {
    process.on("SIGUSR2", () => {
      const question = JSON.parse(readFileSync(join(folder, "question.json"), "utf8")) as Question;
      channel.postMessage(question);
      answer(question);
    });
  }
}
