import { Buffer } from "node:buffer";
import { standsAt } from "#audit/stands-at.ts";
import { recordSchema } from "#model/record.ts";

/**
 * A short record names two lines of its own segment that hold what it shares with others: who asked, and what way the
 * request took.
 *
 *     {"id":"<uuid>","schema":3,"time":"<24>","shared":"<segment>.<offset>.<offset>","path":…
 *
 * Eight hexadecimal digits each: the number of the segment, and the bytes in front of each line in its text. All stand at
 * one place of every short record, so that the writer thread can put them there and readers find them, unparsed. The
 * lines say the same of themselves: neither can pass for another one, and one read leads to each.
 */
export interface Reference {
  readonly segment: number;
  readonly who: number;
  readonly way: number;
}

const idStart = '{"id":"';
const uuidLength = 36;
const timeLength = 24;
const member: Buffer = Buffer.from('","shared":"');
const memberAt = idStart.length + uuidLength + `","schema":${recordSchema},"time":"`.length + timeLength;
/** Bytes from the start of a line. */
const segmentAt = memberAt + member.length;
const whoAt = segmentAt + 9;
const wayAt = whoAt + 9;
/** Where the next member begins: behind the quote. */
export const referenceEnd: number = wayAt + 8 + 1;
/** A reference with nothing in it yet. */
export const emptyReference = '","shared":"00000000.00000000.00000000"';

const digits: Uint8Array = Uint8Array.from(Buffer.from("0123456789abcdef"));
const quote = 0x22;

/** @returns whether a line from `start` to `end` is a short record */
export function isShort(bytes: Uint8Array, start: number, end: number): boolean {
  return (
    end - start > referenceEnd && standsAt(bytes, start + memberAt, member) && bytes[start + referenceEnd - 1] === quote
  );
}

export function segmentIn(bytes: Uint8Array, start: number): number {
  return hexAt(bytes, start + segmentAt);
}

/** NaN: there is no number. */
export function whoIn(bytes: Uint8Array, start: number): number {
  return hexAt(bytes, start + whoAt);
}

/** NaN: there is no number. */
export function wayIn(bytes: Uint8Array, start: number): number {
  return hexAt(bytes, start + wayAt);
}

export function putReference(bytes: Uint8Array, start: number, { segment, who, way }: Reference): void {
  putHex(bytes, start + segmentAt, segment);
  putHex(bytes, start + whoAt, who);
  putHex(bytes, start + wayAt, way);
}

/** Undefined for what is no reference. */
export function readReference(text: unknown): Reference | undefined {
  const match = typeof text === "string" ? /^([0-9a-f]{8})\.([0-9a-f]{8})\.([0-9a-f]{8})$/.exec(text) : null;
  if (match === null) return undefined;
  const [segment = 0, who = 0, way = 0] = match.slice(1).map((number) => Number.parseInt(number, 16));
  return { segment, who, way };
}

/** Eight digits. */
export function putHex(bytes: Uint8Array, at: number, value: number): void {
  let rest = value;
  for (let place = at + 7; place >= at; place -= 1) {
    bytes[place] = digits[rest & 15] as number;
    rest >>>= 4;
  }
}

/** Eight digits; NaN where they are none. */
export function hexAt(bytes: Uint8Array, at: number): number {
  let value = 0;
  for (let place = at; place < at + 8; place += 1) {
    const code = bytes[place] as number;
    const digit = code >= 0x61 ? code - 0x57 : code - 0x30;
    if (!(digit >= 0 && digit < 16) || (code > 0x39 && code < 0x61)) return Number.NaN;
    value = value * 16 + digit;
  }
  return value;
}
