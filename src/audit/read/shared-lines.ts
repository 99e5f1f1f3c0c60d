import type { Buffer } from "node:buffer";
import type { SharedEntry } from "#audit/entry.ts";
import type { Members } from "#audit/shared/expand-record.ts";
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
const sharedStart = new TextEncoder().encode('{"kind":"shared"');

interface Kept {
  /** It says that it stands in this one. */
  readonly segment: number;
  readonly members: Members;
  readonly text: string;
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
  async prepare(bytes: Buffer, offset: number): Promise<void> {
    if (this.#kept.size > keptLines) this.#kept.clear();
    const wanted = new Set<number>();
    eachLine(bytes, (start, end) => {
      if (standsAt(bytes, start, sharedStart)) this.#keep(bytes, start, end, offset + start);
      if (!isShort(bytes, start, end)) return;
      wanted.add(whoIn(bytes, start));
      wanted.add(wayIn(bytes, start));
    });
    // In order: of a compressed segment each frame is expanded once.
    for (const at of [...wanted].toSorted((one, other) => one - other)) {
      if (!this.#kept.has(at)) await this.#read(at);
    }
  }

  readonly of: SharedOf = (segment, offset) => {
    const kept = this.#kept.get(offset);
    return kept?.segment === segment ? kept.members : undefined;
  };

  /** Members of the line at an offset. */
  at(offset: number): Members | undefined {
    return this.#kept.get(offset)?.members;
  }

  /** Whether a text stands in what the short record at `start` refers to. */
  hold(bytes: Buffer, start: number, needle: string): boolean {
    return this.#holds(whoIn(bytes, start), needle) || this.#holds(wayIn(bytes, start), needle);
  }

  #holds(offset: number, needle: string): boolean {
    return this.#kept.get(offset)?.text.includes(needle) === true;
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
    const text = bytes.toString("utf8", start, end);
    const entry = entryOf(text);
    this.#kept.set(offset, entry?.offset === offset ? { segment: entry.segment, members: entry.members, text } : null);
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
