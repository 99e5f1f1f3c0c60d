import { Buffer } from "node:buffer";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { GatewayError } from "#model/errors.ts";
import type { AuditRetention } from "#model/definition.ts";
import type { Clock } from "#model/ports.ts";
import { recordSchema } from "#model/record.ts";
import { chainOverhead, type ChainState } from "./chain.ts";
import { type Disk, realDisk } from "./disk.ts";
import type { GapCause } from "./entry.ts";
import { CheckpointSigning } from "./checkpoint-signing.ts";
import { Losses } from "./losses.ts";
import { CompactRange } from "./merkle/compact-range.ts";
import type { CheckpointSigner } from "./merkle/checkpoint.ts";
import { type Recovered, recover } from "./recovery.ts";
import { maxRecordBytes } from "./record-limits.ts";
import { dueSegments } from "./retention.ts";
import { firstLine, readHeader } from "./segment-header.ts";
import { SegmentFile } from "./segment-file.ts";
import { isShort, putReference, wayIn, whoIn } from "./shared/reference.ts";
import type { SharedPart, SharedSlots } from "./shared/shared-slots.ts";
import { segmentName } from "./segment-name.ts";

export interface SegmentWriterOptions {
  /** Made when missing (0700). Only this writer writes there: the caller holds the data folder's lock. */
  readonly directory: string;
  /** Name of this gateway node. */
  readonly node: string;
  /** A segment is closed before it grows beyond this; only a failing disk lets it grow larger. */
  readonly segmentBytes: number;
  readonly clock: Clock;
  /** Told at most once a second while it lasts. For the operational log and the alarm. */
  readonly onProblem: (problem: WriterProblem) => void;
  /** Bytes held in memory while the disk takes nothing; records beyond are dropped and counted. Default 16 MiB. */
  readonly maxPendingBytes?: number;
  readonly disk?: Disk;
  /** Default: everything is kept. */
  readonly retention?: AuditRetention;
  /** As {@link SegmentWriter.hold}. Default: nothing is held. */
  readonly heldFrom?: number;
  /** Told of segments that went though a sink had not taken them. */
  readonly onUntaken?: (gone: UntakenSegments) => void;
  /** Signs what the record is, at most once a second. Without one there are no checkpoints. */
  readonly signer?: CheckpointSigner;
  /** Told of each checkpoint that is on the disk. */
  readonly onCheckpoint?: (note: string) => void;
}

export interface UntakenSegments {
  readonly segments: number;
  /** Number of the last one. */
  readonly upToSegment: number;
}

export interface WriterProblem {
  readonly code: "write-failed" | "sync-failed" | "rotate-failed" | "retire-failed" | "recovered";
  readonly message: string;
}

export interface SegmentWriterStatus {
  /** Of the last chained line, on disk or not: an outside witness may keep it. */
  readonly head: ChainState;
  readonly segment: number;
  readonly pendingBytes: number;
  /** Records lost since the start; each loss is told by a gap line. */
  readonly lost: number;
  readonly failing: boolean;
}

/** Writes the record, synchronously: for a thread of its own. Nothing throws after it is open: problems are reported. */
export interface SegmentWriter {
  /**
   * Chains the record from `start` to `end` (default: all of it) and holds it for the next {@link flush}. The bytes are
   * copied. False: dropped, and counted. `slots`: of the worker that it came from; what that has told its records share is
   * taken note of, and written in front of the first record of a segment that refers to it.
   */
  append(bytes: Buffer, start?: number, end?: number, slots?: SharedSlots): boolean;
  /** A feed had to discard records. */
  noteLost(why: GapCause, records: number): void;
  /** Something may be missing, and nobody can say how much. */
  noteGap(why: GapCause): void;
  /** True: all that was appended is in the file, or told as lost by a line there. */
  flush(): boolean;
  /** True: it is on the disk too. */
  sync(): boolean;
  /** There are lines that no checkpoint speaks of, and it is time for one, which {@link sync} writes. */
  readonly isSignatureDue: boolean;
  /** Segments from this one on are wanted by a sink: retention lets them go later. Infinity: none is. */
  hold(from: number): void;
  /** Writes the `closed` line and closes. Nothing may be called afterwards. */
  close(): void;
  status(): SegmentWriterStatus;
}

/**
 * Opens the record for appending, after repairing what a crash left.
 * @throws GatewayError `audit-unavailable` when the folder or its last segment cannot be read or written.
 */
export function openSegmentWriter(options: SegmentWriterOptions): SegmentWriter {
  const disk = options.disk ?? realDisk;
  try {
    mkdirSync(options.directory, { recursive: true, mode: 0o700 });
    const recovered = recover(options.directory);
    const writer = new ChainedSegments(options, disk, recovered);
    writer.start(recovered);
    return writer;
  } catch (cause) {
    const message = `the audit folder ${options.directory} cannot be written: ${describe(cause)}`;
    throw new GatewayError("audit-unavailable", 503, message, { source: "store", cause });
  }
}

const retryAfterMs = 1000;
const tendEveryMs = 60_000;
const defaultPending = 16 * 1024 * 1024;
const recordStart = Buffer.from('{"id":"');
const brace = 0x7d;
const lineEnd = Buffer.from("}");
/** What a line of its own takes beside the members, at most. */
const sharedOverhead = 512 + chainOverhead;
const lineBreak = 0x0a;

class ChainedSegments implements SegmentWriter {
  readonly #options: SegmentWriterOptions;
  readonly #disk: Disk;
  readonly #maxPending: number;
  readonly #losses = new Losses();
  readonly #tree: CompactRange;
  readonly #signing: CheckpointSigning;
  #state: ChainState;
  #syncedSeq: number;
  #segment: SegmentFile;
  /** Monotonic ms before which a failing disk is left alone. */
  #retryAt = 0;
  #rotateAt = 0;
  /** Of the current segment, milliseconds since the epoch. */
  #beganAt: number;
  /** Monotonic ms from which it is looked again whether something is to go. */
  #tendAt = 0;
  #heldFrom: number;
  /** Both need syncs, which tend. */
  #tending = false;
  #failing = false;

  constructor(options: SegmentWriterOptions, disk: Disk, recovered: Recovered) {
    this.#options = options;
    this.#disk = disk;
    this.#maxPending = options.maxPendingBytes ?? defaultPending;
    this.#heldFrom = options.heldFrom ?? Infinity;
    this.#state = recovered.state;
    this.#tree = new CompactRange(recovered.tree);
    this.#signing = new CheckpointSigning(options);
    this.#syncedSeq = recovered.state.seq;
    const { segment, size, isOver } = recovered;
    const goesOn = segment > 0 && !isOver;
    this.#beganAt =
      goesOn && size > 0 ? beginningOf(options.directory, segment, options.clock.now()) : options.clock.now();
    this.#segment = goesOn
      ? new SegmentFile(disk, disk.open(join(options.directory, segmentName(segment))), segment, size)
      : this.#create(segment + 1);
  }

  /** First lines of this run. @throws when they cannot be written: a gateway does not start without its record. */
  start({ clean, cut }: Recovered): void {
    if (this.#segment.size === 0) this.#addHeader();
    if (!clean) {
      const why: GapCause = cut?.setAside === undefined ? "crash" : "damaged";
      this.#addControl("gap", { why, afterSeq: this.#syncedSeq, ...cut });
    }
    this.#addCheckpoint();
    this.#segment.write();
    this.#segment.sync();
    this.#synced();
    this.#tend();
  }

  append(bytes: Buffer, start: number = 0, end: number = bytes.length, slots?: SharedSlots): boolean {
    if (!isRecord(bytes, start, end)) {
      if (slots?.take(bytes, start, end) === true) return true;
      this.#losses.add("malformed", this.#state.seq, 1);
      return false;
    }
    const isReferring = isShort(bytes, start, end);
    const who = isReferring ? slots?.at(whoIn(bytes, start)) : undefined;
    const way = isReferring ? slots?.at(wayIn(bytes, start)) : undefined;
    if (isReferring && (who === undefined || way === undefined)) {
      this.#losses.add("malformed", this.#state.seq, 1);
      return false;
    }
    const size = end - start + chainOverhead + this.#untold(who) + this.#untold(way);
    if (this.#segment.size + this.#segment.pending + size > this.#options.segmentBytes) this.#rotate();
    if (this.#segment.pending + size > this.#maxPending && !this.flush()) {
      this.#losses.add("disk-failed", this.#state.seq, 1);
      return false;
    }
    this.#tellLosses();
    if (who !== undefined && way !== undefined) {
      const segment = this.#segment.number;
      putReference(bytes, start, { segment, who: this.#offsetOf(who), way: this.#offsetOf(way) });
    }
    this.#add(bytes, start, end);
    return true;
  }

  /** Bytes that what a record refers to will take, at most, if it has no line in this segment. */
  #untold(part: SharedPart | undefined): number {
    if (part === undefined || part.segment === this.#segment.number) return 0;
    return part.members.length + sharedOverhead;
  }

  /** Where the line of what records share stands in this segment, written if it does not. */
  #offsetOf(part: SharedPart): number {
    const { number } = this.#segment;
    if (part.segment === number) return part.offset;
    const offset = this.#segment.size + this.#segment.pending;
    const time = new Date(this.#options.clock.now()).toISOString();
    const head = { kind: "shared", schema: recordSchema, time, node: this.#options.node, segment: number, offset };
    const start = Buffer.from(`${JSON.stringify(head).slice(0, -1)},"members":`);
    const line = Buffer.concat([start, part.members, lineEnd]);
    this.#add(line, 0, line.length);
    part.segment = number;
    part.offset = offset;
    return offset;
  }

  noteLost(why: GapCause, records: number): void {
    if (records > 0) this.#losses.add(why, this.#state.seq, records);
  }

  noteGap(why: GapCause): void {
    this.#losses.add(why, this.#state.seq, 0);
  }

  flush(): boolean {
    if (this.#waiting()) return false;
    try {
      this.#segment.write();
      if (this.#losses.any) {
        this.#tellLosses();
        this.#segment.write();
      }
    } catch (error) {
      this.#fail("write-failed", error);
      return false;
    }
    this.#recovered();
    return true;
  }

  get isSignatureDue(): boolean {
    return this.#signing.due;
  }

  sync(): boolean {
    if (!this.#failing && this.#signing.due) this.#addCheckpoint();
    if (!this.flush()) return false;
    try {
      this.#segment.sync();
    } catch (error) {
      // The system may have thrown the pages away and report success next time, so what is unsure is told.
      this.#losses.add("sync-failed", this.#syncedSeq, 0);
      this.#fail("sync-failed", error);
      return false;
    }
    this.#synced();
    this.#tend();
    return true;
  }

  close(): void {
    this.#retryAt = 0;
    this.flush();
    this.#addCheckpoint();
    this.#addControl("closed", {});
    this.sync();
    this.#closeFile(this.#segment);
  }

  hold(from: number): void {
    if (from > this.#heldFrom) this.#tendAt = 0;
    this.#heldFrom = from;
  }

  #synced(): void {
    this.#syncedSeq = this.#state.seq;
    this.#signing.synced();
  }

  status(): SegmentWriterStatus {
    return {
      head: this.#state,
      segment: this.#segment.number,
      pendingBytes: this.#segment.pending,
      lost: this.#losses.total,
      failing: this.#failing,
    };
  }

  /** The new segment is opened before the old one is let go, so that there is always one to write to. */
  #rotate(): void {
    const old = this.#segment;
    const now = this.#options.clock.mono();
    if (now < this.#rotateAt || this.#waiting()) return;
    // A segment ends with what it was, signed: nobody can write its end anew and have the next one follow.
    this.#addCheckpoint();
    if (!this.sync()) return;
    try {
      this.#segment = this.#create(old.number + 1);
    } catch (error) {
      this.#rotateAt = now + retryAfterMs;
      this.#report("rotate-failed", error);
      return;
    }
    this.#beganAt = this.#options.clock.now();
    this.#addHeader();
    this.#closeFile(old);
    this.#tendAt = 0;
  }

  /** Now and then: a segment is closed in time to go in time, and what is beyond what is to be kept goes. */
  #tend(): void {
    const { retention, clock, directory } = this.#options;
    const now = clock.mono();
    if (retention === undefined || this.#tending || now < this.#tendAt) return;
    this.#tending = true;
    this.#tendAt = now + tendEveryMs;
    const isOld = retention.maxAgeMs !== null && clock.now() - this.#beganAt > retention.maxAgeMs / 8;
    if (isOld) this.#rotate();
    try {
      this.#retire(directory, retention);
    } catch (error) {
      this.#report("retire-failed", error);
    }
    this.#tending = false;
  }

  /** The record says so first: a segment that is gone without a word was taken by somebody else. */
  #retire(directory: string, retention: AuditRetention): void {
    const due = dueSegments(directory, retention, this.#options.clock.now(), this.#heldFrom);
    const last = due.at(-1);
    if (last === undefined) return;
    const bytes = due.reduce((sum, one) => sum + one.bytes, 0);
    const upTo = { upToSegment: last.number, upToSeq: last.lastSeq };
    const untaken = due.filter(({ isUntaken }) => isUntaken).length;
    this.#addControl("retired", { segments: due.length, ...upTo, bytes, ...(untaken > 0 && { untaken }) });
    this.#addCheckpoint();
    if (!this.sync()) return;
    for (const { paths } of due) for (const path of paths) this.#disk.remove(path);
    this.#disk.syncFolder(directory);
    if (untaken > 0) this.#options.onUntaken?.({ segments: untaken, upToSegment: last.number });
  }

  #closeFile(segment: SegmentFile): void {
    try {
      segment.close();
    } catch (error) {
      this.#report("write-failed", error);
    }
  }

  #create(number: number): SegmentFile {
    const { directory } = this.#options;
    const path = join(directory, segmentName(number));
    const file = this.#disk.create(path);
    try {
      this.#disk.syncFolder(directory);
    } catch (error) {
      // Left there, the name would be taken at the next try.
      this.#disk.close(file);
      this.#disk.remove(path);
      throw error;
    }
    return new SegmentFile(this.#disk, file, number, 0);
  }

  #add(bytes: Buffer, start: number, end: number): void {
    this.#state = this.#segment.add(this.#state, bytes, start, end);
    this.#tree.append(this.#state.hash);
    this.#signing.grown();
  }

  #addHeader(): void {
    this.#addControl("segment", { segment: this.#segment.number, tree: this.#tree.state });
  }

  #addCheckpoint(): void {
    const note = this.#signing.next(this.#tree);
    if (note !== undefined) this.#addControl("checkpoint", { note });
    this.#signing.added();
  }

  #addControl(kind: string, fields: Readonly<Record<string, unknown>>): void {
    const time = new Date(this.#options.clock.now()).toISOString();
    const entry = { kind, schema: recordSchema, time, node: this.#options.node, ...fields };
    const bytes = Buffer.from(JSON.stringify(entry));
    this.#add(bytes, 0, bytes.length);
  }

  #tellLosses(): void {
    if (!this.#losses.any) return;
    for (const { why, afterSeq, lost } of this.#losses.take()) {
      this.#addControl("gap", { why, afterSeq, ...(lost > 0 && { lost }) });
    }
  }

  #waiting(): boolean {
    return this.#failing && this.#options.clock.mono() < this.#retryAt;
  }

  #fail(code: WriterProblem["code"], error: unknown): void {
    this.#failing = true;
    this.#retryAt = this.#options.clock.mono() + retryAfterMs;
    this.#report(code, error);
  }

  #report(code: WriterProblem["code"], error: unknown): void {
    const { pendingBytes, lost } = this.status();
    this.#options.onProblem({
      code,
      message: `${describe(error)}; ${pendingBytes} bytes wait in memory, ${lost} records are lost so far`,
    });
  }

  #recovered(): void {
    if (!this.#failing) return;
    this.#failing = false;
    this.#options.onProblem({
      code: "recovered",
      message: `the disk takes records again; ${this.status().lost} were lost`,
    });
  }
}

function beginningOf(directory: string, segment: number, now: number): number {
  const began = Date.parse(String(readHeader(firstLine(directory, segment))?.time));
  return Number.isNaN(began) ? now : began;
}

/** A half-written slot of a worker that died must not break a line, let alone pass for a control line. */
function isRecord(bytes: Buffer, start: number, end: number): boolean {
  const length = end - start;
  if (length <= recordStart.length || length > maxRecordBytes || bytes[end - 1] !== brace) return false;
  for (let at = 0; at < recordStart.length; at += 1) if (bytes[start + at] !== recordStart[at]) return false;
  return !bytes.subarray(start, end).includes(lineBreak);
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
