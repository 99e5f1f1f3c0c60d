import type { Buffer } from "node:buffer";

/** One element of DER: its tag, and where its content is. Offsets count from the start of the whole. */
export interface Element {
  readonly tag: number;
  /** Of the tag. */
  readonly start: number;
  /** Of the content. */
  readonly at: number;
  readonly end: number;
}

export const sequence = 0x30;
export const integer = 0x02;
export const bitString = 0x03;
export const octetString = 0x04;
export const objectIdentifier = 0x06;
export const boolean = 0x01;
export const utcTime = 0x17;
export const generalizedTime = 0x18;

/** Times that end in Z alone, as certificates and lists have them. @see RFC 5280 §5.1.2.4 */
const utc = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/;

/**
 * Reads no more than the head of an element: a list of some megabytes is walked, not built up as objects.
 *
 * @param end of what it stands in
 * @throws Error when it is cut off, or no DER
 */
export function elementAt(der: Buffer, start: number, end: number): Element {
  const tag = byteAt(der, start, end);
  const first = byteAt(der, start + 1, end);
  let at = start + 2;
  let length = first;
  if (first >= 0x80) {
    const count = first & 0x7f;
    if (count === 0 || count > 4) throw malformed();
    length = 0;
    for (let left = count; left > 0; left -= 1, at += 1) length = length * 256 + byteAt(der, at, end);
  }
  if ((tag & 0x1f) === 0x1f || at + length > end) throw malformed();
  return { tag, start, at, end: at + length };
}

/** What is looked at as a whole has few parts: whoever sends more wants memory. */
const mostChildren = 64;

/** The elements inside of one. @throws Error */
export function childrenOf(der: Buffer, { at, end }: Element): readonly Element[] {
  const children: Element[] = [];
  for (let next = at; next < end;) {
    const child = elementAt(der, next, end);
    if (children.push(child) > mostChildren) throw malformed();
    next = child.end;
  }
  return children;
}

export function expect(element: Element | undefined, tag: number): Element {
  if (element?.tag !== tag) throw malformed();
  return element;
}

export function contentOf(der: Buffer, { at, end }: Element): Buffer {
  return der.subarray(at, end);
}

/** With tag and length. */
export function wholeOf(der: Buffer, { start, end }: Element): Buffer {
  return der.subarray(start, end);
}

/** `1.2.840.10045.4.3.2`. @throws Error */
export function oidOf(der: Buffer, element: Element | undefined): string {
  const content = contentOf(der, expect(element, objectIdentifier));
  const [first = 0] = content;
  const parts = [Math.min(2, Math.floor(first / 40)), first - 40 * Math.min(2, Math.floor(first / 40))];
  let value = 0;
  for (const byte of content.subarray(1)) {
    value = value * 128 + (byte & 0x7f);
    if (value > Number.MAX_SAFE_INTEGER) throw malformed();
    if (byte >= 0x80) continue;
    parts.push(value);
    value = 0;
  }
  return parts.join(".");
}

/** Milliseconds since the epoch. @throws Error */
export function timeOf(der: Buffer, element: Element): number {
  const text = contentOf(der, element).toString("latin1");
  const [, year = "", ...rest] = utc.exec(element.tag === utcTime ? text : text.slice(2)) ?? [];
  const century = element.tag === utcTime ? (Number(year) < 50 ? "20" : "19") : text.slice(0, 2);
  const [month, day, hour, minute, second] = rest;
  const time = Date.parse(`${century}${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(time)) throw malformed();
  return time;
}

export function isTime(element: Element | undefined): element is Element {
  return element?.tag === utcTime || element?.tag === generalizedTime;
}

function byteAt(der: Buffer, at: number, end: number): number {
  const byte = at < end ? der[at] : undefined;
  if (byte === undefined) throw malformed();
  return byte;
}

function malformed(): Error {
  return new Error("it is no DER of the form that it should have");
}
