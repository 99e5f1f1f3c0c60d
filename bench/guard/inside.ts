import { readFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { getHeapStatistics, promiseHooks } from "node:v8";
import { threadName } from "node:worker_threads";
import type { Counts } from "./expectations.ts";

/**
 * Loaded in front of a gateway by `npm run bench:guard` alone: each of its workers says, on a socket in the guard's own
 * folder, what it has counted since it began. A client sends `promises` once to have promises counted, which slows down
 * all of them, and anything else to hear the counts.
 */
const folder = process.env["BENCH_GUARD_FOLDER"];
let promises = 0;
let counting = false;

function counts(): Counts {
  const io = readFileSync("/proc/thread-self/io", "latin1");
  const of = (name: string): number => Number(new RegExp(`${name}: (\\d+)`).exec(io)?.[1]);
  return { bytes: getHeapStatistics().total_allocated_bytes, promises, calls: of("syscr") + of("syscw") };
}

function serve(socket: Socket): void {
  socket.on("data", (chunk) => {
    if (chunk.includes("promises") && !counting) {
      counting = true;
      promiseHooks.onInit(() => (promises += 1));
    }
    socket.write(`${JSON.stringify(counts())}\n`);
  });
  socket.on("error", () => {});
}

if (folder !== undefined && threadName !== null && /^sallyport-\d+$/.test(threadName)) {
  createServer(serve).listen(join(folder, threadName)).unref();
}
