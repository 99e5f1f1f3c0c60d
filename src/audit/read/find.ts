import { Buffer } from "node:buffer";
import type { StoredEvent, StoredRecord } from "#model/record.ts";
import { isControl, isEvent } from "#audit/entry.ts";
import { isShort } from "#audit/shared/reference.ts";
import { parseEntry } from "./parse-entry.ts";
import { scanLines } from "./scan-lines.ts";
import { withSegment } from "./segment-text.ts";
import { listSegments, type Segment, segmentBegan } from "./segments.ts";
import { SharedLines } from "./shared-lines.ts";
import { uuidTime } from "./uuid-time.ts";

type Found = StoredRecord | StoredEvent;

/**
 * The record of a request or of an event, or undefined when there is none.
 *
 * A UUIDv7 says when the request came, and its record is written when the exchange ended: so the segment of that time
 * is read first, then the later ones, and those that were full before it only when all else failed. Any other id is
 * looked for from the newest segment back. Memory is bounded whatever the size of the record.
 */
export async function findRecord(directory: string, id: string): Promise<Found | undefined> {
  if (!/^[0-9A-Za-z._-]{1,64}$/.test(id)) return undefined;
  const segments = await listSegments(directory);
  const madeAt = uuidTime(id);
  let opened: Found | undefined;
  for (const segment of madeAt === undefined ? segments.toReversed() : await inOrder(segments, madeAt)) {
    const record = await findIn(segment, id);
    if (record === undefined) continue;
    if (isWhole(record)) return record;
    opened = later(opened, record);
  }
  return opened;
}

/** The record begins behind the time of the id: what there was of it went with segments that were retired. */
export async function wasRetired(directory: string, id: string): Promise<boolean> {
  const madeAt = uuidTime(id);
  const [first] = await listSegments(directory);
  if (madeAt === undefined || first === undefined || first.number === 1) return false;
  const began = await segmentBegan(first);
  return began !== undefined && madeAt < began;
}

/** A segment was full when the next one began. Clocks are set back now and then, so no segment is left out. */
async function inOrder(segments: readonly Segment[], madeAt: number): Promise<readonly Segment[]> {
  let first = segments.length - 1;
  for (; first > 0; first -= 1) {
    const began = await segmentBegan(segments[first] as Segment);
    if (began !== undefined && began <= madeAt) break;
  }
  const from = Math.max(first, 0);
  return [...segments.slice(from), ...segments.slice(0, from).toReversed()];
}

/** That it was about to, that it began, how it ended. */
const mostLines = 3;
/** Only where one stands: within a text its quotes would be escaped. */
const stageMember = ',"stage":"';

async function findIn(segment: Segment, id: string): Promise<Found | undefined> {
  const wanted = Buffer.from(`{"id":"${id}"`);
  let found: Found | undefined;
  const short: Buffer[] = [];
  await scanLines(segment, (bytes, start, end) => {
    if (bytes.compare(wanted, 0, wanted.length, start, Math.min(end, start + wanted.length)) !== 0) return true;
    if (isShort(bytes, start, end)) {
      // What it refers to is read when this scan does not read any more.
      const line = Buffer.from(bytes.subarray(start, end + 1));
      short.push(line);
      return line.includes(stageMember) && short.length < mostLines;
    }
    const entry = parseEntry(bytes.toString("utf8", start, end), nothingShared);
    if (entry !== undefined && !isControl(entry)) found = later(found, entry);
    return found === undefined || !isWhole(found);
  });
  for (const line of short) {
    const entry = await expanded(segment, line);
    if (entry !== undefined) found = later(found, entry);
  }
  return found;
}

const nothingShared = (): undefined => undefined;

async function expanded(segment: Segment, line: Buffer): Promise<Found | undefined> {
  return withSegment(segment, async (text) => {
    const shared = new SharedLines(text);
    await shared.prepare(line, 0);
    const entry = parseEntry(line.toString("utf8"), shared.of);
    return entry === undefined || isControl(entry) ? undefined : entry;
  });
}

/** How it ended says more than that it began, and that more than that it was about to. */
function later(one: Found | undefined, other: Found): Found {
  return one === undefined || rankOf(other) >= rankOf(one) ? other : one;
}

function rankOf(found: Found): number {
  if (isWhole(found)) return 2;
  return "stage" in found && found.stage === "open" ? 1 : 0;
}

/** Nothing comes after it. */
function isWhole(found: Found): boolean {
  return isEvent(found) || found.stage === undefined;
}
