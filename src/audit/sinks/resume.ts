import { endOfRecord, hashBefore } from "#audit/read/stretch.ts";
import type { Cursor } from "./cursor-file.ts";

export interface Resumed {
  readonly cursor: Cursor;
  /** What has to be told of it; null: nothing. */
  readonly why: string | null;
}

const oldest: Cursor = { segment: 0, offset: 0, hash: null };

/**
 * Where to go on. What was synced of the cursor may be more than what was synced of the record when a machine stopped: then
 * its segment is sent again from the start, since nobody knows what is new in it.
 */
export async function resume(directory: string, kept: Cursor | null, from: "now" | "oldest"): Promise<Resumed> {
  if (kept === null) {
    if (from === "oldest") return { cursor: oldest, why: null };
    const end = await endOfRecord(directory);
    return { cursor: { ...end, hash: await hashBefore(directory, end) }, why: null };
  }
  if (kept.offset === 0 || kept.hash === null || (await hashBefore(directory, kept)) === kept.hash) {
    return { cursor: kept, why: null };
  }
  const { segment: newest } = await endOfRecord(directory);
  const why = "the record is not as it was when it was sent last: what may have been sent is sent again";
  // Another record altogether, such as that of a backup.
  if (newest < kept.segment) return { cursor: oldest, why };
  return { cursor: { segment: kept.segment, offset: 0, hash: null }, why };
}
