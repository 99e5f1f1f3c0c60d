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
  /** A sink has not taken all of it. */
  readonly isUntaken: boolean;
}

/**
 * The oldest segments that are beyond what is to be kept; never the newest one, which is written to.
 * @param heldFrom the oldest segment that a sink has not taken all of: from there on more is kept, though not without end
 */
export function dueSegments(
  directory: string,
  keep: AuditRetention,
  now: number,
  heldFrom: number = Infinity,
): readonly DueSegment[] {
  const sizes = sizesOf(directory);
  let bytes = sizes.reduce((sum, [, size]) => sum + size, 0);
  const due: DueSegment[] = [];
  for (const [at, [number, size]] of sizes.slice(0, -1).entries()) {
    const end = endOf(directory, sizes[at + 1]?.[0] ?? 0);
    // What stands in front of one that is damaged stays, for whoever looks into that.
    if (end === undefined) break;
    const isUntaken = number >= heldFrom;
    if (!isBeyond({ bytes, ageMs: now - end.at }, keep, isUntaken)) break;
    bytes -= size;
    due.push({ number, paths: pathsOf(directory, number), bytes: size, lastSeq: end.lastSeq, isUntaken });
  }
  return due;
}

function isBeyond(
  { bytes, ageMs }: { readonly bytes: number; readonly ageMs: number },
  { maxBytes, maxAgeMs, behindBytes, behindAgeMs }: AuditRetention,
  isUntaken: boolean,
): boolean {
  const isLarge = maxBytes !== null && bytes > maxBytes + (isUntaken ? (behindBytes ?? 0) : 0);
  const isOld = maxAgeMs !== null && ageMs > maxAgeMs + (isUntaken ? (behindAgeMs ?? 0) : 0);
  return isLarge || isOld;
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
