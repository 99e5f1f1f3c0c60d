import { hash } from "node:crypto";
import { closeSync, fsyncSync, ftruncateSync, openSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { type ChainState, chainStart } from "./chain.ts";
import { emptyTree, type TreeState } from "./merkle/compact-range.ts";
import { recoverTree } from "./recover-tree.ts";
import { refuseOlderForm } from "./segment-header.ts";
import { numbersOf, segmentName } from "./segment-name.ts";
import { readSegmentTail, type SegmentTail } from "./segment-tail.ts";

/** Where the next run goes on. */
export interface Recovered {
  /** Number of the last segment; 0 when there is none. */
  readonly segment: number;
  /** Its size in bytes, after repair; 0: it has not even its first line. */
  readonly size: number;
  /** It is compressed, since the one that followed is gone: another one has to be begun. */
  readonly isOver: boolean;
  readonly state: ChainState;
  /** Over all lines up to `state`. */
  readonly tree: TreeState;
  /** The last run closed the record, or there was none. */
  readonly clean: boolean;
  readonly cut: Cut | null;
}

/** What recovery took off the end of the last segment. */
export interface Cut {
  readonly bytes: number;
  readonly setAside?: string;
  readonly digest?: string;
}

/**
 * Finds the end of the chain and repairs what a crash leaves: a line that was written in part is cut off. Whole lines
 * that are damaged are first copied into a file next to the segment: a repair must not be a way to make records go
 * away unseen. Everything before the last good line is left as it is; whether it is good is for `verify` to say.
 */
export function recover(directory: string): Recovered {
  const segments = numbersOf(readdirSync(directory)).toReversed();
  const last = segments[0];
  if (last === undefined) return nothing;
  refuseOlderForm(directory, last);
  const tail = readSegmentTail(directory, last);
  const isOver = tail.form === "zstd";
  const cut = tail.size > tail.validEnd && !isOver ? cutTail(join(directory, segmentName(last)), tail) : null;
  const state = tail.state ?? stateBefore(directory, segments.slice(1));
  const tree = recoverTree(directory, segments, state.seq);
  return { segment: last, size: tail.validEnd, isOver, state, tree, clean: tail.closed && cut === null, cut };
}

const nothing: Recovered = {
  segment: 0,
  size: 0,
  isOver: false,
  state: chainStart,
  tree: emptyTree,
  clean: true,
  cut: null,
};

/** The crash may have come between making a segment and writing its first line. */
function stateBefore(directory: string, segments: readonly number[]): ChainState {
  for (const segment of segments) {
    const { state } = readSegmentTail(directory, segment);
    if (state !== undefined) return state;
  }
  return chainStart;
}

function cutTail(path: string, { validEnd, size }: SegmentTail): Cut {
  const bytes = readFileSync(path).subarray(validEnd);
  const cut = bytes.includes(0x0a) ? setAside(path, bytes) : { bytes: size - validEnd };
  const file = openSync(path, "r+");
  try {
    ftruncateSync(file, validEnd);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  return cut;
}

function setAside(path: string, bytes: Uint8Array): Cut {
  const digest = hash("sha256", bytes, "hex");
  // Named by content: a crash in the middle of a repair writes the same file again.
  const aside = `${path}.damaged-${digest.slice(0, 16)}`;
  writeFileSync(aside, bytes, { mode: 0o600, flush: true });
  return { bytes: bytes.length, setAside: basename(aside), digest };
}
