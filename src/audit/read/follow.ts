import { open, stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { scanRegion } from "./scan-region.ts";
import type { Found, SearchQuery } from "./search-query.ts";
import { listSegments, type Segment } from "./segments.ts";

const pauseMs = 250;

export interface RecordPlace {
  readonly segment: number;
  readonly offset: number;
}

/** Gives every record that matches from a place on, as it is written, until the query's signal. */
export async function followRecords(
  directory: string,
  place: RecordPlace,
  query: SearchQuery,
  onMatch: (record: Found) => void,
): Promise<void> {
  let at = place;
  while (query.signal?.aborted !== true) {
    const { end, more } = await readOn(directory, at, query, onMatch);
    at = end;
    if (!more) await sleep(pauseMs, undefined, { signal: query.signal }).catch(() => undefined);
  }
}

/** One look at what has been written since a place, and where the next begins. */
export async function readOn(
  directory: string,
  at: RecordPlace,
  query: SearchQuery,
  onMatch: (record: Found) => void,
  most: number = Infinity,
): Promise<{ readonly end: RecordPlace; readonly more: boolean }> {
  const segments = await listSegments(directory);
  const index = segments.findIndex(({ number }) => number >= at.segment);
  const segment = segments[index];
  if (segment === undefined) return { end: at, more: false };
  const from = segment.number === at.segment ? at.offset : 0;
  const offset = await readFrom(segment, from, most, query, onMatch);
  // A segment gets no more once there is a next one; looked at again, so that nothing written meanwhile is missed.
  const next = segments[index + 1];
  const isOver = next !== undefined && offset === from;
  return {
    end: isOver ? { segment: next.number, offset: 0 } : { segment: segment.number, offset },
    more: offset > from || next !== undefined,
  };
}

export async function endOfRecord(directory: string): Promise<RecordPlace> {
  const newest = (await listSegments(directory)).at(-1);
  if (newest === undefined) return { segment: 0, offset: 0 };
  return { segment: newest.number, offset: (await stat(newest.path)).size };
}

async function readFrom(
  { path }: Segment,
  from: number,
  most: number,
  query: SearchQuery,
  onMatch: (record: Found) => void,
): Promise<number> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    return await scanRegion(file, from, Math.min(most, size - from), query, onMatch);
  } finally {
    await file.close();
  }
}
