import { Buffer } from "node:buffer";
import { standsAt } from "#audit/stands-at.ts";

const timeMember = Buffer.from(',"time":"');
const isoLength = 24;
/** Up to the milliseconds. */
const secondLength = 20;
const zero = 0x30;
const zulu = 0x5a;

/** Reads the times of lines: of those within one second only the milliseconds. */
export class LineTime {
  /** Where the time stood in the line before. */
  #usual = 0;
  #second: Uint8Array = new Uint8Array(secondLength);
  #secondMs = Number.NaN;

  /** @returns milliseconds since the epoch; NaN where there is none */
  read(bytes: Buffer, start: number, end: number): number {
    const at = this.#find(bytes, start, end);
    if (at < 0 || at + isoLength > end) return Number.NaN;
    if (bytes[at + isoLength - 1] !== zulu) return Number.NaN;
    if (!standsAt(bytes, at, this.#second)) this.#learn(bytes, at);
    const ms = digit(bytes, at + 20) * 100 + digit(bytes, at + 21) * 10 + digit(bytes, at + 22);
    return this.#secondMs + ms;
  }

  /** What is before it is of one length for nearly all. */
  #find(bytes: Buffer, start: number, end: number): number {
    const usual = start + this.#usual;
    if (usual + timeMember.length <= end && standsAt(bytes, usual, timeMember)) return usual + timeMember.length;
    const at = bytes.indexOf(timeMember, start);
    if (at < 0 || at > end) return -1;
    this.#usual = at - start;
    return at + timeMember.length;
  }

  #learn(bytes: Buffer, at: number): void {
    this.#second = Uint8Array.prototype.slice.call(bytes, at, at + secondLength);
    this.#secondMs = Date.parse(`${bytes.toString("latin1", at, at + secondLength)}000Z`);
  }
}

function digit(bytes: Buffer, at: number): number {
  const value = (bytes[at] as number) - zero;
  return value >= 0 && value <= 9 ? value : Number.NaN;
}
