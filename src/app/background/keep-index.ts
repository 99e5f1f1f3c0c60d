import { setImmediate, setTimeout as sleep } from "node:timers/promises";
import { Indexer } from "#audit/index/indexer.ts";
import { openSearchIndex } from "#storage/sqlite/search-index.ts";
import type { BackgroundStart } from "./messages.ts";

/** What is newer is read from the record itself, so there is no hurry. */
const pauseMs = 5000;

/** Keeps the search index up to date until the signal. */
export async function keepIndex(
  { directory, indexPath }: Pick<BackgroundStart, "directory" | "indexPath">,
  signal: AbortSignal,
): Promise<void> {
  const index = openSearchIndex(indexPath);
  const indexer = new Indexer({ directory, index });
  try {
    while (!signal.aborted) {
      if ((await indexer.advance()) > 0) await setImmediate();
      else await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    index.close();
  }
}
