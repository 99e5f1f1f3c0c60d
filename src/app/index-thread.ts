import { setPriority } from "node:os";
import { setImmediate, setTimeout as sleep } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import { Indexer } from "#audit/index/indexer.ts";
import { openSearchIndex } from "#storage/sqlite/search-index.ts";

export interface IndexThreadStart {
  readonly directory: string;
  readonly indexPath: string;
}

/** What is newer is read from the record itself, so there is no hurry. */
const pauseMs = 5000;

/** Entry of the thread that keeps the search index. It asks for nothing, and yields to all that serves requests. */
const { directory, indexPath } = workerData as IndexThreadStart;
const stop = new AbortController();
parentPort?.on("message", () => stop.abort());
yieldToOthers();
const index = openSearchIndex(indexPath);
const indexer = new Indexer({ directory, index });
try {
  while (!stop.signal.aborted) {
    if ((await indexer.advance()) > 0) await setImmediate();
    else await sleep(pauseMs, undefined, { signal: stop.signal }).catch(() => undefined);
  }
} finally {
  index.close();
  parentPort?.close();
}

/** Linux knows priorities of single threads; elsewhere it would be that of the whole gateway. */
function yieldToOthers(): void {
  if (process.platform !== "linux") return;
  try {
    setPriority(0, 10);
  } catch {
    // Not allowed in some containers, and no more than a courtesy.
  }
}
