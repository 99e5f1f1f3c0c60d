import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { AuditRetention } from "#model/definition.ts";
import { readTreeState } from "./merkle/compact-range.ts";
import { firstLine, readHeader } from "./segment-header.ts";
import { segmentName, segmentNumber } from "./segment-name.ts";

/** A segment whose time is over. */
export interface DueSegment {
  readonly number: number;
  readonly path: string;
  readonly bytes: number;
  /** Number of its last line. */
  readonly lastSeq: number;
}

/** The oldest segments that are beyond what is to be kept; never the newest one, which is written to. */
export function dueSegments(directory: string, keep: AuditRetention, now: number): readonly DueSegment[] {
  const sizes = sizesOf(directory);
  let bytes = sizes.reduce((sum, [, size]) => sum + size, 0);
  const due: DueSegment[] = [];
  for (const [at, [number, size]] of sizes.slice(0, -1).entries()) {
    const end = endOf(join(directory, segmentName(sizes[at + 1]?.[0] ?? 0)));
    // What stands in front of one that is damaged stays, for whoever looks into that.
    if (end === undefined) break;
    const isOld = keep.maxAgeMs !== null && now - end.at > keep.maxAgeMs;
    const isBeyond = keep.maxBytes !== null && bytes > keep.maxBytes;
    if (!isOld && !isBeyond) break;
    bytes -= size;
    due.push({ number, path: join(directory, segmentName(number)), bytes: size, lastSeq: end.lastSeq });
  }
  return due;
}

function sizesOf(directory: string): readonly (readonly [number: number, bytes: number])[] {
  const numbers = readdirSync(directory)
    .map(segmentNumber)
    .filter((number) => number !== undefined);
  return numbers
    .toSorted((one, other) => one - other)
    .map((number) => [number, statSync(join(directory, segmentName(number))).size]);
}

/** When a segment ended, and with which line: the next one's first line says so. */
function endOf(next: string): { readonly at: number; readonly lastSeq: number } | undefined {
  const header = readHeader(firstLine(next));
  const tree = readTreeState(header?.tree);
  const at = Date.parse(String(header?.time));
  return tree === undefined || Number.isNaN(at) ? undefined : { at, lastSeq: tree.size };
}
