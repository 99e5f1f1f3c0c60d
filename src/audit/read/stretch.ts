import { Buffer } from "node:buffer";
import { readRange } from "./read-range.ts";
import { type SegmentText, withSegment } from "./segment-text.ts";
import { listSegments } from "./segments.ts";
import { SharedLines } from "./shared-lines.ts";

export interface RecordPlace {
  readonly segment: number;
  /** Start of a line, in the text of the segment. */
  readonly offset: number;
}

/** Whole lines of one segment. */
export interface Stretch {
  readonly text: Buffer;
  /** What they refer to. */
  readonly shared: SharedLines;
  /** Where they begin. */
  readonly from: RecordPlace;
  /** Where the next ones will. */
  readonly end: RecordPlace;
  /** There may be more to read at once. */
  readonly more: boolean;
}

const noText = Buffer.alloc(0);
const nowhere: SegmentText = {
  size: () => Promise.resolve(0),
  read: () => Promise.resolve(0),
  close: () => Promise.resolve(),
};
const nothingShared = new SharedLines(nowhere);
const lineBreak = 0x0a;
/** No line is longer. */
const longestLine = 1024 * 1024;

/** At most `bytes` bytes, and 1 MiB at least, of whole lines from a place on. Segments that are gone are passed over. */
export async function nextStretch(directory: string, at: RecordPlace, bytes: number): Promise<Stretch> {
  const segments = await listSegments(directory);
  const index = segments.findIndex(({ number }) => number >= at.segment);
  const segment = segments[index];
  if (segment === undefined) return { text: noText, shared: nothingShared, from: at, end: at, more: false };
  const { number } = segment;
  const from = { segment: number, offset: number === at.segment ? at.offset : 0 };
  const most = Math.max(bytes, longestLine);
  const { text, shared } = await withSegment(segment, async (one) => {
    const lines = wholeLines(await readRange(one, from.offset, most), most);
    const known = new SharedLines(one);
    await known.prepare(lines, from.offset);
    return { text: lines, shared: known };
  });
  // What is written while a window is read is there at the next look, before a following segment is turned to.
  const next = segments[index + 1];
  if (text.length === 0) {
    return {
      text,
      shared,
      from,
      end: next === undefined ? from : { segment: next.number, offset: 0 },
      more: next !== undefined,
    };
  }
  const end = { segment: number, offset: from.offset + text.length };
  return { text, shared, from, end, more: next !== undefined || text.length > bytes / 2 };
}

/** What is longer than any line was not written by a gateway, and holds up nothing. */
function wholeLines(window: Buffer, most: number): Buffer {
  const whole = window.lastIndexOf(lineBreak) + 1;
  return whole === 0 && window.length === most ? window : window.subarray(0, whole);
}

export async function endOfRecord(directory: string): Promise<RecordPlace> {
  const newest = (await listSegments(directory)).at(-1);
  if (newest === undefined) return { segment: 0, offset: 0 };
  return { segment: newest.number, offset: await withSegment(newest, (text) => text.size()) };
}

/** Holds the end of any line with its hash. */
const tailBytes = 128;

/** Hash of the line that ends there; null: none does. */
export async function hashBefore(directory: string, { segment, offset }: RecordPlace): Promise<string | null> {
  const found = (await listSegments(directory)).find(({ number }) => number === segment);
  if (found === undefined) return null;
  const from = Math.max(0, offset - tailBytes);
  const bytes = await withSegment(found, (text) => readRange(text, from, offset - from));
  return /"hash":"([0-9a-f]{64})"\}\n$/.exec(bytes.length === offset - from ? bytes.toString() : "")?.[1] ?? null;
}
