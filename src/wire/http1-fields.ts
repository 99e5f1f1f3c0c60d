import { endOfFieldContent, endOfToken } from "./characters.ts";

const tab = 0x09;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;
const colon = 0x3a;

/**
 * Reads field lines of a latin1 text from `from` to its end, each ended by CRLF, into a flat list. Strict: no blank
 * before the colon, no folded line, no bare CR or LF, no control character (each a way to smuggle a field past one
 * of two readers).
 *
 * @returns what is wrong, or null.
 * @see RFC 9112 §5
 */
export function parseFields(text: string, from: number, maxCount: number, into: string[]): string | null {
  let at = from;
  while (at < text.length) {
    const nameEnd = endOfToken(text, at);
    if (nameEnd === at || text.charCodeAt(nameEnd) !== colon) return "invalid field name";
    const valueStart = skipBlank(text, nameEnd + 1);
    const lineEnd = endOfFieldContent(text, valueStart);
    if (!isLineEnd(text, lineEnd)) return "invalid field value";
    if (into.length >= maxCount * 2) return "too many fields";
    into.push(text.slice(at, nameEnd), text.slice(valueStart, trimEnd(text, valueStart, lineEnd)));
    at = lineEnd + 2;
  }
  return null;
}

export function isLineEnd(text: string, at: number): boolean {
  return text.charCodeAt(at) === carriageReturn && text.charCodeAt(at + 1) === lineFeed;
}

function skipBlank(text: string, from: number): number {
  let at = from;
  while (isBlank(text.charCodeAt(at))) at += 1;
  return at;
}

function trimEnd(text: string, from: number, to: number): number {
  let end = to;
  while (end > from && isBlank(text.charCodeAt(end - 1))) end -= 1;
  return end;
}

function isBlank(code: number): boolean {
  return code === space || code === tab;
}
