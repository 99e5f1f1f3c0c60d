// Preloaded into a gateway under test (NODE_OPTIONS=--import): every thread answers questions that cannot be asked from
// outside. A signal makes the main thread read a question from a folder; each thread writes its answer there.
import { readFileSync, renameSync, writeFileSync } from "node:fs";
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
}

const folder = process.env["SALLYPORT_SOAK_INSIDE"];
const name: string = isMainThread ? "main" : (threadName ?? "");

const delays = monitorEventLoopDelay({ resolution: 5 });
if (folder !== undefined) delays.enable();

function heap(): ThreadHeap {
  const longestMs = delays.max / 1e6;
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  // Twice: what finalisers let go of in the first is collected in the second.
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  setImmediate(() => delays.reset());
  return {
    thread: name,
    longestMs,
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
  if (what !== "heap") return;
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
