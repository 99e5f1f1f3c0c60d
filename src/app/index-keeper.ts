import { Worker } from "node:worker_threads";
import type { Log } from "#model/ports.ts";
import type { IndexThreadStart } from "./index-thread.ts";

const memoryMiB = 128;

/**
 * Keeps the search index of the record on a thread of its own. Without it, because its file cannot be written or the
 * thread has ended, nothing is lost: `sallyport audit search` reads the record, and the next start tries again.
 *
 * @returns stops it
 */
export function keepSearchIndex(start: IndexThreadStart, log: Log): () => Promise<void> {
  const thread = new Worker(new URL("index-thread.ts", import.meta.url), {
    name: "sallyport-index",
    workerData: start,
    resourceLimits: { maxOldGenerationSizeMb: memoryMiB },
  });
  let closing = false;
  const exit = new Promise<void>((resolve) => thread.once("exit", () => resolve()));
  thread.on("error", (error) => {
    if (!closing)
      log.warn("the search index is not kept up to date: searches read the record itself", { error: String(error) });
  });
  return async () => {
    closing = true;
    thread.postMessage("stop");
    await exit;
  };
}
