import { Buffer } from "node:buffer";
import type { SharedEntry } from "#audit/entry.ts";
import { isShort, wayIn, whoIn } from "#audit/shared/reference.ts";
import { longestShared } from "#audit/shared/shared-frame.ts";
import { standsAt } from "#audit/stands-at.ts";
import type { SharedOf } from "./parse-entry.ts";
import { readRange } from "./read-range.ts";
import type { SegmentText } from "./segment-text.ts";

/** Of a line that records refer to, at most: what they share and what is around it. */
const longestLine: number = longestShared + 4096;
const nearBytes = 32 * 1024;
const mostBytes = 256 * 1024;
const nothing: Buffer = Buffer.alloc(0);
/** Memory is bounded, whatever is in a segment; what is read at a time may need more. */
const keptLines = 8192;
const lineBreak = 0x0a;
const membersMember = ',"members":';
const seqMember = ',"seq":';
const sharedStart = new TextEncoder().encode('{"kind":"shared"');

/** Whether what stands at an offset is wanted. */
export type Which = (offset: number) => boolean;

/** Which of the lines that records refer to are wanted. */
export interface Wanted {
  readonly who: Which;
  readonly way: Which;
}

const anything: Which = () => true;
const all: Wanted = { who: anything, way: anything };

/** A line that records refer to; read as JSON when a record is, which most are not. */
class Kept {
  readonly text: string;
  readonly #offset: number;
  #entry: SharedEntry | null | undefined;

  constructor(text: string, offset: number) {
    this.text = text;
    this.#offset = offset;
  }

  /** What it says that records share, as it is written; undefined: it is not as a gateway writes it. */
  get members(): string | undefined {
    const start = this.text.indexOf(membersMember);
    const end = this.text.lastIndexOf(seqMember);
    return start < 0 || end < start ? undefined : this.text.slice(start + membersMember.length, end);
  }

  /** Null: it is no such line, or says that it stands elsewhere. */
  get entry(): SharedEntry | null {
    if (this.#entry === undefined) {
      const entry = entryOf(this.text);
      this.#entry = entry?.offset === this.#offset ? entry : null;
    }
    return this.#entry;
  }
}

/** The lines of one segment that its records refer to, read when they are asked for. */
export class SharedLines {
  readonly text: SegmentText;
  /** What is read, before it is kept: the same memory each time. */
  #room: Buffer = nothing;
  /** By offset. Null: what is there is no such line. */
  #kept = new Map<number, Kept | null>();

  constructor(text: SegmentText) {
    this.text = text;
  }

  /** What the records in `bytes` refer to is known from now on. `offset`: of the bytes in the segment. */
  async prepare(bytes: Buffer, offset: number, { who, way }: Wanted = all): Promise<void> {
    if (this.#kept.size > keptLines) this.#kept.clear();
    const wanted = new Set<number>();
    eachLine(bytes, (start, end) => {
      if (standsAt(bytes, start, sharedStart)) this.#keep(bytes, start, end, offset + start);
      if (!isShort(bytes, start, end)) return;
      const [whoAt, wayAt] = [whoIn(bytes, start), wayIn(bytes, start)];
      if (who(whoAt)) wanted.add(whoAt);
      if (way(wayAt)) wanted.add(wayAt);
    });
    await this.#readAll(wanted);
  }

  /** As {@link prepare}, for the short records that begin at these places. */
  async prepareAt(bytes: Buffer, starts: readonly number[]): Promise<void> {
    await this.#readAll(new Set(starts.flatMap((start) => [whoIn(bytes, start), wayIn(bytes, start)])));
  }

  readonly of: SharedOf = (segment, offset) => {
    const entry = this.#kept.get(offset)?.entry;
    return entry?.segment === segment ? entry.members : undefined;
  };

  /** Members of the line at an offset, as JSON. Whether it says that it stands there is not looked at. */
  membersAt(offset: number): string | undefined {
    return this.#kept.get(offset)?.members;
  }

  /** Whether a text stands in the line at an offset, as far as that is known. */
  hold(offset: number, needle: string): boolean {
    return this.#kept.get(offset)?.text.includes(needle) === true;
  }

  async #readAll(wanted: Iterable<number>): Promise<void> {
    // What is no number leads nowhere. In order: of a compressed segment each frame is expanded once.
    const missing = [...wanted].filter((at) => at >= 0 && !this.#kept.has(at)).toSorted((one, other) => one - other);
    for (let from = 0; from < missing.length;) {
      const to = endOfRun(missing, from);
      await this.#read(missing.slice(from, to));
      from = to;
    }
  }

  /** @param offsets in order, near each other */
  async #read(offsets: readonly number[]): Promise<void> {
    const [first = 0, last = 0] = [offsets[0], offsets.at(-1)];
    const length = last - first + longestLine;
    if (this.#room.length < length) this.#room = Buffer.allocUnsafeSlow(length);
    const bytes = await readRange(this.text, first, length, this.#room);
    for (const offset of offsets) {
      const start = offset - first;
      const end = bytes.indexOf(lineBreak, start);
      if (end >= 0 && standsAt(bytes, start, sharedStart)) this.#keep(bytes, start, end, offset);
      else this.#kept.set(offset, null);
    }
  }

  #keep(bytes: Buffer, start: number, end: number, offset: number): void {
    if (!this.#kept.get(offset)) this.#kept.set(offset, new Kept(bytes.toString("utf8", start, end), offset));
  }
}

/** Where those end that are read at once with the one at `from`: what is between two of them costs less than a read. */
function endOfRun(offsets: readonly number[], from: number): number {
  const first = offsets[from] as number;
  let to = from + 1;
  while (to < offsets.length && isNear(first, offsets[to - 1] as number, offsets[to] as number)) to += 1;
  return to;
}

function isNear(first: number, before: number, next: number): boolean {
  return next - before <= nearBytes && next - first <= mostBytes;
}

function entryOf(text: string): SharedEntry | undefined {
  try {
    const entry = JSON.parse(text) as SharedEntry;
    return typeof entry.members === "object" && entry.members !== null ? entry : undefined;
  } catch {
    return undefined;
  }
}

function eachLine(bytes: Buffer, each: (start: number, end: number) => void): void {
  for (let start = 0, end = bytes.indexOf(lineBreak); end >= 0; end = bytes.indexOf(lineBreak, start)) {
    each(start, end);
    start = end + 1;
  }
}
