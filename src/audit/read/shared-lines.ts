import type { Buffer } from "node:buffer";
import type { SharedEntry } from "#audit/entry.ts";
import { isShort, wayIn, whoIn } from "#audit/shared/reference.ts";
import { standsAt } from "#audit/stands-at.ts";
import type { SharedOf } from "./parse-entry.ts";
import { readRange } from "./read-range.ts";
import type { SegmentText } from "./segment-text.ts";

/** Those of a worker are written together, mostly: one read leads to many. */
const windowBytes = 64 * 1024;
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

  async #readAll(wanted: ReadonlySet<number>): Promise<void> {
    // In order: of a compressed segment each frame is expanded once.
    for (const at of [...wanted].toSorted((one, other) => one - other)) {
      if (!this.#kept.has(at)) await this.#read(at);
    }
  }

  async #read(offset: number): Promise<void> {
    if (!Number.isNaN(offset)) {
      const bytes = await readRange(this.text, offset, windowBytes);
      eachLine(bytes, (start, end) => {
        if (standsAt(bytes, start, sharedStart)) this.#keep(bytes, start, end, offset + start);
      });
    }
    if (!this.#kept.has(offset)) this.#kept.set(offset, null);
  }

  #keep(bytes: Buffer, start: number, end: number, offset: number): void {
    if (!this.#kept.get(offset)) this.#kept.set(offset, new Kept(bytes.toString("utf8", start, end), offset));
  }
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
