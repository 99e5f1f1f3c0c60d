import { Buffer } from "node:buffer";
import { putHex } from "./reference.ts";
import { longestShared, mostShared, sharedFrameStart, sharedMembersAt } from "./shared-frame.ts";

/** What is shared, under the number by which the writer thread knows it. */
export interface Told {
  /** Of {@link SharedTeller.round}: of another one, the number means something else by now. */
  readonly round: number;
  readonly number: number;
}

/**
 * A worker's end: tells the writer thread, through the ring that its records take, what they share. Clients may make up as
 * much as they like of that, so when all numbers are taken it begins again with none.
 */
export class SharedTeller {
  readonly #push: (frame: Uint8Array) => boolean;
  readonly #frame: Buffer = Buffer.allocUnsafeSlow(sharedMembersAt + longestShared);
  #next = 0;
  #round = 1;

  /** @param push in front of all records that come later; false: there is no room now */
  constructor(push: (frame: Uint8Array) => boolean) {
    this.#push = push;
    sharedFrameStart.copy(this.#frame);
  }

  get round(): number {
    return this.#round;
  }

  /** @param members JSON object @returns null: it is too long, or there is no room now */
  tell(members: Uint8Array): Told | null {
    if (members.length > longestShared) return null;
    if (this.#next === mostShared) {
      this.#next = 0;
      this.#round += 1;
    }
    const frame = this.#frame;
    putHex(frame, sharedFrameStart.length, this.#next);
    frame.set(members, sharedMembersAt);
    if (!this.#push(frame.subarray(0, sharedMembersAt + members.length))) return null;
    const told = { round: this.#round, number: this.#next };
    this.#next += 1;
    return told;
  }
}
