import { Buffer } from "node:buffer";
import { type ChainState, readLink } from "./chain.ts";
import { type SegmentBytes, withSegmentBytes } from "./segment-bytes.ts";
import type { SegmentForm } from "./segment-name.ts";

const lineBreak = 0x0a;
const firstWindow = 64 * 1024;
/** A byte in front of what was read, which hashing a line needs. */
const front = 1;
const closedLine = '{"kind":"closed"';

/** The last line of a segment that is whole and whose own hash is right. */
export interface SegmentTail {
  readonly form: SegmentForm;
  /** Undefined: the segment has no such line. */
  readonly state: ChainState | undefined;
  readonly closed: boolean;
  /** Bytes up to the end of that line. */
  readonly validEnd: number;
  readonly size: number;
}

/** Looks from the end backwards, in windows that grow only while nothing good is found. */
export function readSegmentTail(directory: string, segment: number): SegmentTail {
  return withSegmentBytes(directory, segment, tailOf);
}

function tailOf(text: SegmentBytes): SegmentTail {
  const { size, form } = text;
  for (let length = Math.min(firstWindow, size); ; length = Math.min(length * 4, size)) {
    const window = Buffer.concat([Buffer.from([lineBreak]), text.read(size - length, length)]);
    const tail = searchWindow(window, size - length);
    if (tail !== undefined) return { ...tail, size, form };
    if (length === size) return { state: undefined, closed: false, validEnd: 0, size, form };
  }
}

function searchWindow(bytes: Buffer, offset: number): Omit<SegmentTail, "size" | "form"> | undefined {
  for (let end = bytes.lastIndexOf(lineBreak); end >= front;) {
    const before = bytes.lastIndexOf(lineBreak, end - 1);
    // A line that starts in front of the window is not intact here; the next, larger window judges it again.
    const link = readLink(bytes, before + 1, end);
    if (link?.intact === true) {
      const closed = bytes.toString("latin1", before + 1, before + 1 + closedLine.length) === closedLine;
      return { state: { seq: link.seq, hash: link.hash }, closed, validEnd: offset + end + 1 - front };
    }
    end = before;
  }
  return undefined;
}
