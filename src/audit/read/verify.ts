import type { Buffer } from "node:buffer";
import { type ChainState, chainStart, follow } from "#audit/chain.ts";
import type { GapEntry } from "#audit/entry.ts";
import { type BadRecord, judge, type VerifyProblem } from "./judge-line.ts";
import { maxLineBytes, scanLines } from "./scan-lines.ts";
import { listSegments, type Segment } from "./segments.ts";

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
  /**
   * The last good line. Removal of the newest lines shows only against a head that was noted elsewhere: a later one
   * must have the larger `seq`, and the noted line must still have the noted hash.
   */
  readonly head: ChainState;
}

const keptGaps = 1000;

/**
 * Checks the whole record: every byte of every line, their order, and that no line or segment is missing.
 * Rejects only when the folder or a file cannot be read.
 */
export async function verifyAudit(directory: string): Promise<VerifyResult> {
  const segments = await listSegments(directory);
  const verification = new Verification();
  for (const [index, segment] of segments.entries()) {
    await verification.segment(segment, index + 1, index === segments.length - 1);
    if (verification.bad) break;
  }
  return verification.result();
}

const brace = 0x7b;
const letterK = 0x6b;

class Verification {
  #state: ChainState = chainStart;
  #records = 0;
  #segments = 0;
  #bytes = 0;
  #firstBad: BadRecord | undefined;
  readonly #gaps: GapEntry[] = [];
  #gapCount = 0;
  #tornTail = false;
  #closed = false;

  get bad(): boolean {
    return this.#firstBad !== undefined;
  }

  async segment(segment: Segment, expected: number, last: boolean): Promise<void> {
    if (segment.number !== expected) {
      const detail = `segment ${expected} is missing: the next one there is ${segment.number}`;
      this.#fail(segment, 1, "segment-missing", detail);
      return;
    }
    const { rest, lines, bytes, stopped } = await scanLines(segment.path, (buffer, start, end, line) =>
      this.#line(segment, buffer, start, end, line),
    );
    this.#segments += 1;
    this.#bytes += bytes;
    if (stopped) return;
    const torn = last && rest <= maxLineBytes;
    if (rest > 0 && !torn) this.#fail(segment, lines + 1, "malformed", "the line does not end");
    else if (last) this.#tornTail = rest > 0;
    else if (lines === 0) this.#fail(segment, 1, "segment-missing", "the segment is empty, and it is not the last");
  }

  result(): VerifyResult {
    const firstBad = this.#firstBad;
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
      head: this.#state,
    };
  }

  #line(segment: Segment, bytes: Buffer, start: number, end: number, line: number): boolean {
    const next = follow(this.#state, bytes, start, end);
    if (next === undefined) {
      const { problem, detail } = judge(this.#state, bytes, start, end);
      return this.#fail(segment, line, problem, detail);
    }
    const control = bytes[start] === brace && bytes[start + 2] === letterK;
    const entry = control || line === 1 ? readControl(bytes, start, end) : undefined;
    if (line === 1 && entry?.segment !== segment.number) {
      return this.#fail(segment, line, "segment-missing", `the file does not begin as segment ${segment.number}`);
    }
    this.#state = next;
    this.#closed = entry?.kind === "closed";
    if (entry === undefined) this.#records += 1;
    else if (entry.kind === "gap") this.#noteGap(entry as unknown as GapEntry);
    return true;
  }

  #noteGap(gap: GapEntry): void {
    this.#gapCount += 1;
    this.#gaps.push(gap);
    if (this.#gaps.length > keptGaps) this.#gaps.shift();
  }

  #fail({ file }: Segment, line: number, problem: VerifyProblem, detail: string): false {
    this.#firstBad = { file, line, seq: this.#state.seq + 1, problem, detail };
    return false;
  }
}

/** A line of the chain itself; undefined for a decision. The line's hash is known to be right. */
function readControl(bytes: Buffer, start: number, end: number): { kind?: unknown; segment?: unknown } | undefined {
  try {
    const entry = JSON.parse(bytes.toString("utf8", start, end)) as { kind?: unknown };
    return "kind" in entry ? entry : undefined;
  } catch {
    return undefined;
  }
}
