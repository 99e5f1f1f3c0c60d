import { Buffer } from "node:buffer";
import { type AuditEntry, isControl, isEvent } from "#audit/entry.ts";
import { parseEntry } from "./parse-entry.ts";
import { readRange } from "./read-range.ts";
import { maxLineBytes } from "./read-windows.ts";
import { type SegmentText, withSegment } from "./segment-text.ts";
import { listSegments } from "./segments.ts";
import { SharedLines } from "./shared-lines.ts";

const chunkBytes = 64 * 1024;
const lineBreak = 0x0a;
/** Most entries that one call gives. */
export const maxTail = 10_000;

/**
 * The newest `count` entries, oldest of them first: decisions and the chain's own lines, but for checkpoints, of which
 * there is one a second, what records share, and intents of what went on. Half a last line is left out.
 */
export async function tailRecords(directory: string, count: number): Promise<readonly AuditEntry[]> {
  const wanted = Math.min(count, maxTail);
  const newestFirst: AuditEntry[] = [];
  const ended = new Set<string>();
  for (const segment of (await listSegments(directory)).toReversed()) {
    if (newestFirst.length >= wanted) break;
    await withSegment(segment, (text) => collect(text, wanted, newestFirst, ended));
  }
  return newestFirst.toReversed();
}

/** @param later ids of what was read before, which stands behind it */
function isWanted(entry: AuditEntry, later: Set<string>): boolean {
  if (isControl(entry)) return entry.kind !== "checkpoint" && entry.kind !== "shared";
  if (!isEvent(entry) && entry.stage === "intent" && later.has(entry.id)) return false;
  later.add(entry.id);
  return true;
}

async function collect(text: SegmentText, wanted: number, entries: AuditEntry[], later: Set<string>): Promise<void> {
  const shared = new SharedLines(text);
  for await (const line of linesBackwards(text)) {
    // Of this line nothing but what it refers to is asked for.
    await shared.prepare(Buffer.from(`${line}\n`), 0);
    const entry = parseEntry(line, shared.of);
    if (entry !== undefined && isWanted(entry, later)) entries.push(entry);
    if (entries.length >= wanted) return;
  }
}

/** Whole lines from the end on; a line that is longer than any record ends it. */
async function* linesBackwards(text: SegmentText): AsyncGenerator<string> {
  let from = await text.size();
  let held: Buffer = Buffer.alloc(0);
  let ended = false;
  while (from > 0 && held.length <= maxLineBytes) {
    const length = Math.min(chunkBytes, from);
    from -= length;
    held = Buffer.concat([await readRange(text, from, length), held]);
    for (let at = held.lastIndexOf(lineBreak); at >= 0; at = held.lastIndexOf(lineBreak)) {
      if (ended) yield held.toString("utf8", at + 1);
      ended = true;
      held = held.subarray(0, at);
    }
  }
  if (ended && from === 0) yield held.toString("utf8");
}
