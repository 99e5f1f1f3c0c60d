import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { AuditRetention } from "#model/definition.ts";
import { readTreeState } from "./merkle/compact-range.ts";
import { firstLine, readHeader } from "./segment-header.ts";
import { numbersOf, type SegmentForm, segmentName } from "./segment-name.ts";

/** A segment whose time is over. */
export interface DueSegment {
  readonly number: number;
  /** Of both forms it may be in. */
  readonly paths: readonly string[];
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
    const end = endOf(directory, sizes[at + 1]?.[0] ?? 0);
    // What stands in front of one that is damaged stays, for whoever looks into that.
    if (end === undefined) break;
    const isOld = keep.maxAgeMs !== null && now - end.at > keep.maxAgeMs;
    const isBeyond = keep.maxBytes !== null && bytes > keep.maxBytes;
    if (!isOld && !isBeyond) break;
    bytes -= size;
    due.push({ number, paths: pathsOf(directory, number), bytes: size, lastSeq: end.lastSeq });
  }
  return due;
}

const forms: readonly SegmentForm[] = ["text", "zstd"];

function pathsOf(directory: string, number: number): readonly string[] {
  return forms.map((form) => join(directory, segmentName(number, form)));
}

/** On the disk. One that is being compressed may be gone in one form the moment it is looked at. */
function sizesOf(directory: string): readonly (readonly [number: number, bytes: number])[] {
  return numbersOf(readdirSync(directory)).map((number) => {
    const sizes = pathsOf(directory, number).map((path) => statSync(path, { throwIfNoEntry: false })?.size ?? 0);
    return [number, sizes.reduce((sum, size) => sum + size, 0)];
  });
}

/** When a segment ended, and with which line: the next one's first line says so. */
function endOf(directory: string, next: number): { readonly at: number; readonly lastSeq: number } | undefined {
  const header = readHeader(firstLine(directory, next));
  const tree = readTreeState(header?.tree);
  const at = Date.parse(String(header?.time));
  return tree === undefined || Number.isNaN(at) ? undefined : { at, lastSeq: tree.size };
}
