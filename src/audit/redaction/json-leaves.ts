import type { Place } from "./place.ts";

const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const backslash = 0x5c;

interface Level {
  readonly place: Place;
  readonly isList: boolean;
  /** Of the member whose value comes next. */
  name: string | undefined;
}

/**
 * Tells of each string, number and word in a text that is JSON: where it stands, and its text as it was sent. It takes
 * what JSON.parse does not, since others read it all the same: members of one name, several texts behind each other, and
 * one that ends in its midst. No recursion: whoever sends a body chooses how deep it goes.
 * @param most so many values and brackets are read @param visit false: nothing more need be told
 * @returns false: not all was read
 */
export function visitLeaves(
  text: string,
  root: Place,
  most: number,
  visit: (place: Place, raw: string) => boolean,
): boolean {
  const levels: Level[] = [];
  let left = most;
  let at = 0;
  const here = (): Place => {
    const level = levels.at(-1);
    if (level === undefined) return root;
    return level.isList ? level.place.element() : level.place.member(level.name ?? "");
  };
  while (at < text.length) {
    const from = at;
    const code = text.charCodeAt(at);
    const level = levels.at(-1);
    at = endOf(text, at, code);
    if (code === quote && level?.isList === false && level.name === undefined) {
      level.name = decodedString(text.slice(from, at));
      continue;
    }
    if (code === comma && level !== undefined) level.name = undefined;
    if (code === comma || code === colon || isSpace(code)) continue;
    if ((left -= 1) < 0) return false;
    if (isOpening(code)) levels.push({ place: here(), isList: code === 0x5b, name: undefined });
    else if (isClosing(code)) levels.pop();
    else if (!visit(here(), text.slice(from, at))) return false;
  }
  return true;
}

/** What a string literal says; of one that is none, what stands in it. */
export function decodedString(raw: string): string {
  try {
    return String(JSON.parse(raw));
  } catch {
    return raw.replace(/^"/, "").replace(/"$/, "");
  }
}

function endOf(text: string, from: number, code: number): number {
  if (code === quote) return stringEnd(text, from + 1);
  if (isMark(code)) return from + 1;
  let at = from + 1;
  while (at < text.length && !isMark(text.charCodeAt(at)) && text.charCodeAt(at) !== quote) at += 1;
  return at;
}

function stringEnd(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === backslash) at += 1;
    else if (code === quote) return at + 1;
  }
  return text.length;
}

function isMark(code: number): boolean {
  return code === comma || code === colon || isOpening(code) || isClosing(code) || isSpace(code);
}

/** `{` and `[` */
function isOpening(code: number): boolean {
  return (code | 0x20) === 0x7b;
}

/** `}` and `]` */
function isClosing(code: number): boolean {
  return (code | 0x20) === 0x7d;
}

/** A byte order mark too. */
function isSpace(code: number): boolean {
  return code <= 0x20 || code === 0xfeff;
}
