import { bordersOf, cheapSearch, linearSearch } from "#lib/linear-search.ts";
import { charge, step } from "./run.ts";

/** `indexOf` in linear time. */
export function indexOfText(within: string, wanted: string, from = 0): number {
  step(1 + (within.length >> 10));
  if ((within.length - from) * wanted.length <= cheapSearch) return within.indexOf(wanted, from);
  return scan(within, wanted, from, within.length, false);
}

/** `lastIndexOf` in linear time. `from`: where the last match may begin. */
export function lastIndexOfText(within: string, wanted: string, from: number = within.length): number {
  step(1 + (within.length >> 10));
  if (within.length * wanted.length <= cheapSearch) return within.lastIndexOf(wanted, from);
  return scan(within, wanted, 0, Math.min(within.length, Math.max(from, 0) + wanted.length), true);
}

/** What one part costs beside its characters. */
const bytesOfPart = 16;

/** The text between the places where the pattern stands. */
export function partsOfText(within: string, by: string): string[] {
  // A long text may come apart in more pieces than fit, so that its pieces are paid for one by one.
  if (within.length <= 1 << 16 && within.length * by.length <= cheapSearch) return within.split(by);
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
  if (within.length * wanted.length <= cheapSearch) return (from) => within.indexOf(wanted, from);
  const table = borders(wanted);
  return (from) => linearSearch(within, { wanted, table, from, end: within.length, tick: step });
}

function scan(within: string, wanted: string, from: number, end: number, last: boolean): number {
  return linearSearch(within, { wanted, table: borders(wanted), from, end, last, tick: step });
}

function borders(wanted: string): Int32Array {
  charge(wanted.length * 4);
  return bordersOf(wanted);
}
