import { Buffer } from "node:buffer";
import { standsAt } from "#audit/stands-at.ts";
import { hexAt } from "./reference.ts";
import { mostShared, sharedFrameStart, sharedMembersAt } from "./shared-frame.ts";

/** What a worker has told that its records share, and where that stands in the record, if it does. */
export interface SharedPart {
  /** JSON object, as bytes. */
  readonly members: Buffer;
  /** Number of the segment that has a line of it; 0: none has yet. */
  segment: number;
  /** Of that line, in the text of its segment. */
  offset: number;
}

/** The writer thread's memory of one worker: what it has told under which number, bounded by how many there may be. */
export class SharedSlots {
  readonly #parts: (SharedPart | undefined)[] = [];

  /** Takes what a worker tells. False: it is no such thing. The bytes are copied. */
  take(bytes: Buffer, start: number, end: number): boolean {
    if (end - start < sharedMembersAt || !standsAt(bytes, start, sharedFrameStart)) return false;
    const number = hexAt(bytes, start + sharedFrameStart.length);
    if (!(number < mostShared)) return false;
    const members = Buffer.from(bytes.subarray(start + sharedMembersAt, end));
    this.#parts[number] = { members, segment: 0, offset: 0 };
    return true;
  }

  at(number: number): SharedPart | undefined {
    return this.#parts[number];
  }
}
