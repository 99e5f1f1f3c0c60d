import { Buffer } from "node:buffer";

const principalMember = Buffer.from(',"principal":{');
const methodMember = Buffer.from(',"method":"');
const decisionMember = Buffer.from(',"decision":"');
const bytesInMember = Buffer.from(',"bytesIn":');

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

  find(bytes: Buffer, start: number, end: number): boolean {
    const who = this.#who(bytes, start, end);
    const method = who < 0 ? -1 : bytes.indexOf(methodMember, who);
    const decision = method < 0 || method > end ? -1 : bytes.indexOf(decisionMember, method);
    const sizes = decision < 0 || decision > end ? -1 : bytes.indexOf(bytesInMember, decision);
    if (sizes < 0 || sizes > end) return false;
    this.#usual = who - start;
    this.whoStart = who + 1;
    this.whoEnd = method;
    this.decisionStart = decision + 1;
    this.decisionEnd = sizes;
    return true;
  }

  #who(bytes: Buffer, start: number, end: number): number {
    const at = start + this.#usual;
    const after = at + principalMember.length;
    if (after <= end && bytes.compare(principalMember, 0, principalMember.length, at, after) === 0) return at;
    return bytes.indexOf(principalMember, start);
  }
}
