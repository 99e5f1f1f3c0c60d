import { charge, step } from "./run.ts";

/** Characters that a search may compare in the worst case before it is worth a table. */
const cheap = 1 << 22;

/**
 * `indexOf` in linear time. JavaScript's own compares up to text times pattern characters: a client that sends both
 * (a long run of one letter, and the same run with another letter in its middle) would hold the thread for minutes.
 */
export function indexOfText(within: string, wanted: string, from = 0): number {
  step(1 + (within.length >> 10));
  if ((within.length - from) * wanted.length <= cheap) return within.indexOf(wanted, from);
  return scan(within, wanted, from, within.length, false);
}

/** `lastIndexOf` in linear time. `from`: where the last match may begin. */
export function lastIndexOfText(within: string, wanted: string, from: number = within.length): number {
  step(1 + (within.length >> 10));
  if (within.length * wanted.length <= cheap) return within.lastIndexOf(wanted, from);
  return scan(within, wanted, 0, Math.min(within.length, Math.max(from, 0) + wanted.length), true);
}

/** What one part costs beside its characters. */
const bytesOfPart = 16;

/** The text between the places where the pattern stands. */
export function partsOfText(within: string, by: string): string[] {
  // A long text may come apart in more pieces than fit, so that its pieces are paid for one by one.
  if (within.length <= 1 << 16 && within.length * by.length <= cheap) return within.split(by);
  const find = finder(within, by);
  const parts: string[] = [];
  let begun = 0;
  for (let at = find(0); at >= 0; at = find(begun)) {
    charge(bytesOfPart);
    parts.push(within.slice(begun, at));
    begun = at + by.length;
  }
  parts.push(within.slice(begun));
  return parts;
}

function finder(within: string, wanted: string): (from: number) => number {
  if (within.length * wanted.length <= cheap) return (from) => within.indexOf(wanted, from);
  const table = borders(wanted);
  return (from) => search(within, wanted, table, from, within.length);
}

function scan(within: string, wanted: string, from: number, end: number, last: boolean): number {
  return search(within, wanted, borders(wanted), from, end, last);
}

/**
 * For each prefix the length of its longest proper border.
 * @see D. E. Knuth, J. H. Morris, V. R. Pratt: Fast Pattern Matching in Strings
 */
function borders(wanted: string): Int32Array {
  charge(wanted.length * 4);
  const table = new Int32Array(wanted.length);
  for (let at = 1, length = 0; at < wanted.length; at += 1) {
    while (length > 0 && wanted.charCodeAt(at) !== wanted.charCodeAt(length)) length = table[length - 1] ?? 0;
    if (wanted.charCodeAt(at) === wanted.charCodeAt(length)) length += 1;
    table[at] = length;
  }
  return table;
}

function search(within: string, wanted: string, table: Int32Array, from: number, end: number, last = false): number {
  let found = -1;
  for (let at = from, length = 0; at < end; at += 1) {
    while (length > 0 && within.charCodeAt(at) !== wanted.charCodeAt(length)) length = table[length - 1] ?? 0;
    if (within.charCodeAt(at) === wanted.charCodeAt(length)) length += 1;
    if ((at & 1023) === 0) step();
    if (length < wanted.length) continue;
    found = at - length + 1;
    if (!last) return found;
    // Matches may overlap.
    length = table[length - 1] ?? 0;
  }
  return found;
}
