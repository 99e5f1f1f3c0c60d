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

/** The writer thread's memory of one worker: what it has told under which number. The worker keeps it within bounds. */
export class SharedSlots {
  readonly #parts: (SharedPart | undefined)[] = [];

  /** Takes what a worker tells. False: it is no such thing. The bytes are copied. */
  take(bytes: Buffer, start: number, end: number): boolean {
    if (end - start < sharedMembersAt || !standsAt(bytes, start, sharedFrameStart)) return false;
    const number = hexAt(bytes, start + sharedFrameStart.length);
    if (!(number < mostShared)) return false;
    this.#parts[number] = end - start === sharedMembersAt ? undefined : partOf(bytes, start + sharedMembersAt, end);
    return true;
  }

  at(number: number): SharedPart | undefined {
    return this.#parts[number];
  }
}

/** In memory of its own: a part of a pool would hold all of that for as long as it is kept. */
function partOf(bytes: Buffer, start: number, end: number): SharedPart {
  const members = Buffer.allocUnsafeSlow(end - start);
  bytes.copy(members, 0, start, end);
  return { members, segment: 0, offset: 0 };
}
