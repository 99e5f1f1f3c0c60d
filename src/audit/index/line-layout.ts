import { Buffer } from "node:buffer";
import { standsAt } from "#audit/stands-at.ts";

const principalMember = Buffer.from(',"principal":{');

/**
 * Finds the parts of a request's line that have terms: who and under what, and what was decided. A quote within a value
 * is escaped, so what looks like the start of a member is one.
 */
export class LineLayout {
  whoStart: number = 0;
  whoEnd: number = 0;
  decisionStart: number = 0;
  decisionEnd: number = 0;
  /** Where the principal stood in the line before: what is before it is of one length for many. */
  #usual: number = 0;
  readonly #method = new NextMember(',"method":"');
  readonly #decision = new NextMember(',"decision":"');
  readonly #sizes = new NextMember(',"bytesIn":');

  find(bytes: Buffer, start: number, end: number): boolean {
    const who = this.#who(bytes, start, end);
    const method = who < 0 ? -1 : this.#method.find(bytes, who, end);
    const decision = method < 0 ? -1 : this.#decision.find(bytes, method, end);
    const sizes = decision < 0 ? -1 : this.#sizes.find(bytes, decision, end);
    if (sizes < 0) return false;
    this.#usual = who - start;
    this.whoStart = who + 1;
    this.whoEnd = method;
    this.decisionStart = decision + 1;
    this.decisionEnd = sizes;
    return true;
  }

  #who(bytes: Buffer, start: number, end: number): number {
    const at = start + this.#usual;
    if (at + principalMember.length <= end && standsAt(bytes, at, principalMember)) return at;
    return bytes.indexOf(principalMember, start);
  }
}

/** Looks for a member from the least distance on that it was found at so far: the way there is most of a line. */
class NextMember {
  readonly #member: Buffer;
  #least = Number.POSITIVE_INFINITY;

  constructor(member: string) {
    this.#member = Buffer.from(member);
  }

  /** @returns where it stands behind `from` and before `end`; -1: nowhere */
  find(bytes: Buffer, from: number, end: number): number {
    const far = from + this.#least < end ? bytes.indexOf(this.#member, from + this.#least) : -1;
    if (far >= 0 && far < end) return far;
    const at = bytes.indexOf(this.#member, from);
    if (at < 0 || at >= end) return -1;
    this.#least = Math.min(this.#least, at - from);
    return at;
  }
}
