import { Buffer } from "node:buffer";
import { putHex } from "./reference.ts";
import { longestShared, mostShared, mostSharedBytes, sharedFrameStart, sharedMembersAt } from "./shared-frame.ts";

/** What is shared, and was told to the writer thread. */
export interface Told {
  /** By which the writer thread knows it. -1: no longer. */
  readonly number: number;
  /** Set by whoever refers to it again: what nobody does goes first. */
  isUsed: boolean;
}

interface Kept extends Told {
  number: number;
  readonly bytes: number;
}

export interface SharedBounds {
  readonly things: number;
  readonly bytes: number;
}

/**
 * A worker's end: tells the writer thread, through the ring that its records take, what they share. Clients may make up as
 * much as they like of that, so it is bounded, and what was not referred to of late makes room (a clock's hand passes all
 * that was since it last came by): those who come often stay told of, however many others come once.
 */
export class SharedTeller {
  readonly #push: (frame: Uint8Array) => boolean;
  readonly #most: SharedBounds;
  readonly #frame: Buffer = Buffer.allocUnsafeSlow(sharedMembersAt + longestShared);
  readonly #kept: (Kept | undefined)[] = [];
  /** Numbers in {@link #kept} that mean nothing now. */
  readonly #free: number[] = [];
  #bytes = 0;
  #hand = 0;

  /** @param push in front of all records that come later; false: there is no room now */
  constructor(
    push: (frame: Uint8Array) => boolean,
    most: SharedBounds = { things: mostShared, bytes: mostSharedBytes },
  ) {
    this.#push = push;
    this.#most = most;
    sharedFrameStart.copy(this.#frame);
  }

  /** @param members JSON object @returns null: it is too long, or there is no room now */
  tell(members: Uint8Array): Told | null {
    const bytes = members.length;
    if (bytes > longestShared) return null;
    while (!this.#hasRoom(bytes)) if (!this.#forgetOne()) return null;
    const number = this.#free.at(-1) ?? this.#kept.length;
    this.#frame.set(members, sharedMembersAt);
    if (!this.#send(number, bytes)) return null;
    this.#free.pop();
    const told = { number, bytes, isUsed: false };
    this.#kept[number] = told;
    this.#bytes += bytes;
    return told;
  }

  #hasRoom(bytes: number): boolean {
    const { length } = this.#kept;
    return this.#bytes + bytes <= this.#most.bytes && (this.#free.length > 0 || length < this.#most.things);
  }

  /** The writer thread first: as long as it was not told, the number means what it did. */
  #forgetOne(): boolean {
    const told = this.#leastUsed();
    if (!this.#send(told.number, 0)) return false;
    this.#kept[told.number] = undefined;
    this.#free.push(told.number);
    this.#bytes -= told.bytes;
    told.number = -1;
    return true;
  }

  /** Only where there is one. */
  #leastUsed(): Kept {
    for (;;) {
      const told = this.#kept[this.#hand];
      this.#hand = (this.#hand + 1) % this.#kept.length;
      if (told?.isUsed === false) return told;
      if (told !== undefined) told.isUsed = false;
    }
  }

  #send(number: number, bytes: number): boolean {
    putHex(this.#frame, sharedFrameStart.length, number);
    return this.#push(this.#frame.subarray(0, sharedMembersAt + bytes));
  }
}

/** Whether the writer thread knows it still. */
export function isTold(told: Told | null): told is Told {
  return told !== null && told.number >= 0;
}
