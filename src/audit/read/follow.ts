import { setTimeout as sleep } from "node:timers/promises";
import { scanText } from "./scan-region.ts";
import type { Found, SearchQuery } from "./search-query.ts";
import { nextStretch, type RecordPlace } from "./stretch.ts";

const pauseMs = 250;
const windowBytes = 4 * 1024 * 1024;

/** Gives every record that matches from a place on, as it is written, until the query's signal. */
export async function followRecords(
  directory: string,
  place: RecordPlace,
  query: SearchQuery,
  onMatch: (record: Found) => void,
): Promise<void> {
  let at = place;
  while (query.signal?.aborted !== true) {
    const { text, shared, end, more } = await nextStretch(directory, at, windowBytes);
    scanText(text, shared, query, onMatch);
    at = end;
    if (!more) await sleep(pauseMs, undefined, { signal: query.signal }).catch(() => undefined);
  }
}
