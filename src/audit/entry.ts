import type { TreeState } from "./merkle/compact-range.ts";
import type { StoredEvent, StoredRecord } from "#model/record.ts";

/** Members that every chained line ends with. */
export interface ChainedEntry {
  readonly schema: number;
  readonly time: string;
  readonly node: string;
  readonly seq: number;
  readonly prev: string;
  readonly hash: string;
}

/** First line of each segment. Its number is in the chain, so a segment cannot pass for another. */
export interface SegmentEntry extends ChainedEntry {
  readonly kind: "segment";
  readonly segment: number;
  /** Over all lines in front of this one: what is needed to go on when the segments before are gone. */
  readonly tree: TreeState;
}

/** A signed note that says what all lines in front of this one were. */
export interface CheckpointEntry extends ChainedEntry {
  readonly kind: "checkpoint";
  /** @see https://c2sp.org/tlog-checkpoint */
  readonly note: string;
}

/** What records of this segment share, who refer to it: `shared/reference.ts`. */
export interface SharedEntry extends ChainedEntry {
  readonly kind: "shared";
  readonly segment: number;
  /** Of this line, in the text of its segment. */
  readonly offset: number;
  /** As a whole record has them; hand-overs and the upstream without their times. */
  readonly members: Readonly<Record<string, unknown>>;
}

/** Last line of a run that ended in order. */
export interface ClosedEntry extends ChainedEntry {
  readonly kind: "closed";
}

export type GapCause =
  /** The run before ended without a `closed` line. */
  | "crash"
  /** Lines at the end of the last segment were damaged; they were set aside, not deleted. */
  | "damaged"
  /** The disk did not take records for so long that no more could be held. */
  | "disk-failed"
  /** A sync failed: what was written since the last good one is not known to have reached the disk. */
  | "sync-failed"
  /** A worker had to discard records because the writer did not keep up. */
  | "feed-full"
  /** A worker ended without warning: what it had in flight, or had just answered, has no record. */
  | "worker-ended"
  /** A worker handed over something that is not a record. */
  | "malformed";

/** Something may be missing here, or is. */
export interface GapEntry extends ChainedEntry {
  readonly kind: "gap";
  readonly why: GapCause;
  /** The last line that is known to be on disk before the gap. */
  readonly afterSeq: number;
  /** Records that are known to be lost. */
  readonly lost?: number;
  /** Bytes cut from the end of the segment at recovery. */
  readonly bytes?: number;
  /** File that holds those bytes, and their SHA-256 (hex). */
  readonly setAside?: string;
  readonly digest?: string;
}

/** Segments were deleted, since their time was over. The tree of the first that is left stands for their lines. */
export interface RetiredEntry extends ChainedEntry {
  readonly kind: "retired";
  readonly segments: number;
  /** The last of them, and the number of its last line. */
  readonly upToSegment: number;
  readonly upToSeq: number;
  readonly bytes: number;
  /** How many of them a sink had not taken. */
  readonly untaken?: number;
}

export type ControlEntry = SegmentEntry | SharedEntry | CheckpointEntry | RetiredEntry | ClosedEntry | GapEntry;

export type AuditEntry = StoredRecord | StoredEvent | ControlEntry;

export function isControl(entry: AuditEntry): entry is ControlEntry {
  return "kind" in entry;
}

export function isEvent(entry: StoredRecord | StoredEvent): entry is StoredEvent {
  return "event" in entry;
}
