import type { Buffer } from "node:buffer";
import { type ChainState, isNext, readClaim } from "#audit/chain.ts";
import type { GapEntry } from "#audit/entry.ts";
import { readTreeState } from "#audit/merkle/compact-range.ts";
import { damageOf } from "#audit/zstd/segment-damage.ts";
import { cosignaturesFile } from "./cosignatures.ts";
import { type BadRecord, judge, type VerifyProblem } from "./judge-line.ts";
import { maxLineBytes } from "./read-windows.ts";
import { HashedScan } from "./scan-hashed.ts";
import type { ScanResult } from "./scan-lines.ts";
import { SegmentReferences } from "./segment-references.ts";
import { listSegments, type Segment } from "./segments.ts";
import { type ControlLine, type Finding, SignedLines, type Trust } from "./signed-lines.ts";

export interface VerifyResult {
  readonly ok: boolean;
  /** Decisions; lines of the chain itself (segment, gap, closed) are not counted. Up to the first bad record. */
  readonly records: number;
  readonly segments: number;
  readonly bytes: number;
  /** The first record that is not in its place or not as it was written. Nothing after it was read. */
  readonly firstBad?: BadRecord;
  /** Declared gaps, oldest first; the newest 1,000 of `gapCount`. They do not make the record bad: they are part of it. */
  readonly gaps: readonly GapEntry[];
  readonly gapCount: number;
  /** The last segment ends in half a line: a crash, or a writer at work. The next start cuts it off and tells of it. */
  readonly tornTail: boolean;
  /** The last line is `closed`. False: the gateway runs, or crashed, or lines were taken off the end. */
  readonly closed: boolean;
  /** The last good line. */
  readonly head: ChainState;
  /** The Merkle tree over all lines up to `head`. */
  readonly tree: { readonly size: number; readonly root: string };
  /** Signed by a key that was given, if one was. */
  readonly checkpoints: number;
  /** Of the oldest segments, which the record itself says were deleted. */
  readonly retired?: { readonly segments: number; readonly lines: number };
  /** False: the checkpoint that was kept elsewhere speaks only of lines that were retired since. */
  readonly isWitnessChecked?: boolean;
  /** Lines up to here are covered by the last checkpoint. Removal of newer ones shows only against one kept elsewhere. */
  readonly signed?: { readonly size: number; readonly time: string };
  /** Checkpoints with a witness's good signature that lie beside the record, all of it that there was; the newest. */
  readonly cosigned?: CosignedSummary;
}

export interface CosignedSummary {
  readonly checkpoints: number;
  readonly size: number;
  readonly witness: string;
  readonly time: string;
}

const keptGaps = 1000;

const noTrust: Trust = { keys: [] };

/**
 * Checks the whole record: every byte of every line, their order, that no line or segment is missing, and that every
 * checkpoint is right and signed. Rejects only when the folder or a file cannot be read.
 */
export async function verifyAudit(directory: string, trust: Trust = noTrust): Promise<VerifyResult> {
  const segments = await listSegments(directory);
  const verification = new Verification(trust);
  const first = segments[0]?.number ?? 1;
  for (const [index, segment] of segments.entries()) {
    await verification.segment(segment, first + index, index === segments.length - 1);
    if (verification.bad) break;
  }
  if (!verification.bad) verification.end();
  if (!verification.bad) verification.cosignatures();
  return verification.result();
}

const brace = 0x7b;
const letterK = 0x6b;

class Verification {
  readonly #scan: HashedScan = new HashedScan();
  /** Of the last good line: its number, and where its digest lies. */
  #seq = 0;
  #last: number = this.#scan.before;
  #records = 0;
  #segments = 0;
  #bytes = 0;
  #firstBad: BadRecord | undefined;
  readonly #gaps: GapEntry[] = [];
  #gapCount = 0;
  #tornTail = false;
  #closed = false;
  #goneSegments = 0;
  #references = new SegmentReferences(0);
  readonly #trust: Trust;
  readonly #signed: SignedLines;
  /** Where the record ends, as far as it was read. */
  #at = { file: "", line: 0 };

  constructor(trust: Trust) {
    this.#signed = new SignedLines(trust);
    this.#trust = trust;
  }

  get bad(): boolean {
    return this.#firstBad !== undefined;
  }

  async segment(segment: Segment, expected: number, last: boolean): Promise<void> {
    if (segment.number !== expected) {
      const detail = `segment ${expected} is missing: the next one there is ${segment.number}`;
      this.#fail(segment, 1, "segment-missing", detail);
      return;
    }
    this.#references = new SegmentReferences(segment.number);
    const scanned = await this.#read(segment);
    this.#segments += 1;
    if (scanned === undefined) return;
    const { rest, lines, bytes, stopped } = scanned;
    this.#bytes += bytes;
    if (stopped) return;
    this.#at = { file: segment.file, line: lines };
    const torn = last && rest <= maxLineBytes;
    if (rest > 0 && !torn) this.#fail(segment, lines + 1, "malformed", "the line does not end");
    else if (last) this.#tornTail = rest > 0;
    else if (lines === 0) this.#fail(segment, 1, "segment-missing", "the segment is empty, and it is not the last");
  }

  /** Undefined: part of it cannot be read, and the first record that is in there is named. */
  async #read(segment: Segment): Promise<ScanResult | undefined> {
    let judged = 0;
    try {
      return await this.#scan.scan(
        segment,
        (start, end, line, prev, own) => this.#line(segment, start, end, (judged = line), prev, own),
        "fail",
      );
    } catch (error) {
      const code = damageOf(error);
      if (code === undefined) throw error;
      this.#fail(segment, judged + 1, code, (error as Error).message);
      return undefined;
    }
  }

  end(): void {
    const finding = this.#signed.end(this.#records);
    if (finding !== undefined) this.#found(this.#at, this.#at.line + 1, finding);
  }

  /** One beside the record that says it is by the witness, and is not. */
  cosignatures(): void {
    const { badCosignature } = this.#trust;
    if (badCosignature === undefined) return;
    const detail = `cosignature ${badCosignature} there is not by the witness that it names`;
    this.#firstBad = {
      file: cosignaturesFile,
      line: badCosignature,
      seq: this.#seq,
      problem: "cosignature-bad",
      detail,
    };
  }

  result(): VerifyResult {
    const firstBad = this.#firstBad;
    const { tree, checkpoints, signed, gone } = this.#signed;
    const { witnessed } = this.#trust;
    return {
      ok: firstBad === undefined,
      records: this.#records,
      segments: this.#segments,
      bytes: this.#bytes,
      ...(firstBad !== undefined && { firstBad }),
      gaps: this.#gaps,
      gapCount: this.#gapCount,
      tornTail: this.#tornTail,
      closed: this.#closed,
      head: { seq: this.#seq, hash: this.#scan.hexOf(this.#last) },
      tree,
      checkpoints,
      ...(gone > 0 && { retired: { segments: this.#goneSegments, lines: gone } }),
      ...(witnessed !== undefined && { isWitnessChecked: witnessed.some(({ size }) => size > gone) }),
      ...(signed !== undefined && { signed }),
      ...summaryOf(this.#trust.cosigned),
    };
  }

  #line(segment: Segment, start: number, end: number, line: number, prev: number, own: number): boolean {
    const bytes = this.#scan.memory;
    if (this.#seq === 0 && segment.number > 1) this.#beginAt(bytes, start, end);
    this.#last = prev;
    if (!isNext(bytes, start, end, this.#seq + 1, this.#scan.hashing, prev, own)) {
      const { problem, detail } = judge(this.#seq + 1, bytes, start, end);
      return this.#fail(segment, line, problem, detail);
    }
    const control = bytes[start] === brace && bytes[start + 2] === letterK;
    const entry = control || line === 1 ? readControl(bytes, start, end) : undefined;
    if (line === 1 && entry?.["segment"] !== segment.number) {
      return this.#fail(segment, line, "segment-missing", `the file does not begin as segment ${segment.number}`);
    }
    const finding =
      this.#references.line(bytes, start, end, entry) ??
      (entry && this.#signed.control(entry)) ??
      this.#signed.append(bytes, own);
    if (finding !== undefined) return this.#found(segment, line, finding);
    this.#seq += 1;
    this.#last = own;
    this.#closed = entry?.["kind"] === "closed";
    if (entry === undefined) this.#records += 1;
    else if (entry["kind"] === "gap") this.#noteGap(entry as unknown as GapEntry);
    return true;
  }

  /** Of a record whose oldest segments are gone: what its first line says of them. */
  #beginAt(bytes: Buffer, start: number, end: number): void {
    const claim = readClaim(bytes, start, end);
    const tree = readTreeState(readControl(bytes, start, end)?.["tree"]);
    if (claim === undefined || tree?.size !== claim.seq - 1) return;
    this.#seq = tree.size;
    this.#scan.beginBehind(claim.prev);
    this.#signed.beginAt(tree);
    this.#goneSegments = Number(readControl(bytes, start, end)?.["segment"]) - 1;
  }

  #noteGap(gap: GapEntry): void {
    this.#gapCount += 1;
    this.#gaps.push(gap);
    if (this.#gaps.length > keptGaps) this.#gaps.shift();
  }

  #fail(segment: Segment, line: number, problem: VerifyProblem, detail: string): false {
    return this.#found(segment, line, { problem, detail });
  }

  #found({ file }: Pick<Segment, "file">, line: number, { problem, detail, seq }: Finding): false {
    this.#firstBad = { file, line, seq: seq ?? this.#seq + 1, problem, detail };
    return false;
  }
}

function summaryOf(cosigned: Trust["cosigned"] = []): { readonly cosigned?: CosignedSummary } {
  const newest = cosigned.at(-1);
  if (newest === undefined) return {};
  const { witness, at, checkpoint } = newest;
  const time = new Date(at).toISOString();
  return { cosigned: { checkpoints: cosigned.length, size: checkpoint.size, witness, time } };
}

/** A line of the chain itself; undefined for a decision. The line's hash is known to be right. */
function readControl(bytes: Buffer, start: number, end: number): ControlLine | undefined {
  try {
    const entry = JSON.parse(bytes.toString("utf8", start, end)) as ControlLine;
    return "kind" in entry ? entry : undefined;
  } catch {
    return undefined;
  }
}
