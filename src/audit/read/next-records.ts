import { open } from "node:fs/promises";
import { isControl } from "#audit/entry.ts";
import type { RecordPlace } from "./follow.ts";
import { parseEntry } from "./parse-entry.ts";
import { readRange } from "./read-range.ts";
import type { Found } from "./search-query.ts";
import { listSegments, type Segment } from "./segments.ts";

export interface PlacedRecord {
  readonly record: Found;
  /** As it stands in the record, without its end. */
  readonly line: string;
  /** Where the next line begins. */
  readonly end: RecordPlace;
}

/** Whole lines of one segment. */
export interface Stretch {
  readonly records: readonly PlacedRecord[];
  readonly end: RecordPlace;
  /** Hash of its last line; null: it has none. */
  readonly hash: string | null;
  /** There may be more to read at once. */
  readonly more: boolean;
}

const lineBreak = 0x0a;
/** Holds the end of any line with its hash. */
const tailBytes = 128;
/** No line is longer. */
const longestLine = 1024 * 1024;

/**
 * Records and events of at most `bytes` bytes of whole lines from a place on, which must be the start of a line. Segments
 * that are gone are passed over.
 */
export async function nextRecords(directory: string, from: RecordPlace, bytes: number): Promise<Stretch> {
  const segments = await listSegments(directory);
  const index = segments.findIndex(({ number }) => number >= from.segment);
  const segment = segments[index];
  if (segment === undefined) return { records: [], end: from, hash: null, more: false };
  const start = segment.number === from.segment ? from.offset : 0;
  const window = await readWindow(segment, start, Math.max(bytes, longestLine));
  // What is written while a window is read is there at the next look, before a following segment is turned to.
  const next = segments[index + 1];
  if (window.length === 0) {
    const end = next === undefined ? { segment: segment.number, offset: start } : { segment: next.number, offset: 0 };
    return { records: [], end, hash: null, more: next !== undefined };
  }
  const stretch = linesOf(window, segment.number, start);
  return { ...stretch, more: next !== undefined || window.length > bytes / 2 };
}

/** Hash of the line that ends there; null: none does. */
export async function hashBefore(directory: string, { segment, offset }: RecordPlace): Promise<string | null> {
  const found = (await listSegments(directory)).find(({ number }) => number === segment);
  if (found === undefined) return null;
  const from = Math.max(0, offset - tailBytes);
  const file = await open(found.path, "r");
  try {
    const bytes = await readRange(file, from, offset - from);
    return /"hash":"([0-9a-f]{64})"\}\n$/.exec(bytes.length === offset - from ? bytes.toString() : "")?.[1] ?? null;
  } finally {
    await file.close();
  }
}

async function readWindow({ path }: Segment, start: number, bytes: number): Promise<Buffer> {
  const file = await open(path, "r");
  try {
    const window = await readRange(file, start, bytes);
    const whole = window.lastIndexOf(lineBreak) + 1;
    // What is longer than any line was not written by a gateway, and holds up nothing.
    return whole === 0 && window.length === bytes ? window : window.subarray(0, whole);
  } finally {
    await file.close();
  }
}

function linesOf(window: Buffer, segment: number, offset: number): Omit<Stretch, "more"> {
  const records: PlacedRecord[] = [];
  let hash: string | null = null;
  for (let start = 0; start < window.length;) {
    const stop = window.indexOf(lineBreak, start);
    if (stop < 0) break;
    const line = window.toString("utf8", start, stop);
    start = stop + 1;
    const entry = parseEntry(line);
    hash = entry?.hash ?? null;
    if (entry === undefined || isControl(entry)) continue;
    records.push({ record: entry, line, end: { segment, offset: offset + start } });
  }
  return { records, end: { segment, offset: offset + window.length }, hash };
}
