import type { RoutePattern } from "#model/snapshot.ts";

/** Does this segment of a normalised path have the pattern's texts, with something in each of its holes? */
export function fitsPattern({ texts }: RoutePattern, segment: string): boolean {
  return walk(texts, segment, nowhere, 0, 0);
}

/**
 * Notes where each name's value is, as {@link fitsPattern} has found it.
 * @param at where the segment starts in its path
 * @param depth parameters in front of it; `places` holds start and end of each
 */
export function placePattern(
  { texts }: RoutePattern,
  segment: string,
  at: number,
  places: Int32Array,
  depth: number,
): void {
  walk(texts, segment, places, at, depth);
}

const nowhere = new Int32Array(0);
const percent = 0x25;

/**
 * From the right to the left, each text at its last place: `a.b.json` fits `{name}.{type}` as `a.b` and `json`. What
 * is left for the other texts is never more, so that one pass finds a fit where there is one.
 */
function walk(texts: readonly string[], segment: string, places: Int32Array, at: number, depth: number): boolean {
  const [first = "", last = ""] = [texts[0], texts.at(-1)];
  let stop = segment.length - last.length;
  if (stop <= first.length || !segment.startsWith(first) || !segment.endsWith(last)) return false;
  if (isInsideEscape(segment, stop)) return false;
  for (let hole = texts.length - 2; hole > 0; hole--) {
    const text = texts[hole] as string;
    const found = lastPlace(segment, text, stop - 1 - text.length);
    if (found <= first.length) return false;
    keep(places, depth + hole, at + found + text.length, at + stop);
    stop = found;
  }
  keep(places, depth, at + first.length, at + stop);
  return true;
}

function lastPlace(segment: string, text: string, from: number): number {
  let found = from < 0 ? -1 : segment.lastIndexOf(text, from);
  while (found > 0 && isInsideEscape(segment, found)) found = segment.lastIndexOf(text, found - 1);
  return found;
}

/** `%2` and `0` are no texts of `x%20y`: what is escaped is one character. */
function isInsideEscape(segment: string, at: number): boolean {
  return segment.charCodeAt(at - 1) === percent || segment.charCodeAt(at - 2) === percent;
}

/** Without room for it, nobody wants to know. */
function keep(places: Int32Array, index: number, start: number, end: number): void {
  places[2 * index] = start;
  places[2 * index + 1] = end;
}
