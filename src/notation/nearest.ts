/** Longer names are not compared: the cost grows with the square of the length. */
const maxLength = 80;

/** The name most like `wanted`, when one is like it at all: at most a third of its letters differ. */
export function nearest(wanted: string, names: Iterable<string>): string | undefined {
  if (wanted.length > maxLength) return undefined;
  let best: string | undefined;
  let least = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const name of names) {
    const distance = editDistance(fold(wanted), fold(name), least);
    if (distance < least) [best, least] = [name, distance];
  }
  return best;
}

/** `did you mean …?` or the whole list when it is short, or undefined: for the fix of a problem. */
export function suggestion(
  wanted: string,
  names: readonly string[],
  one: (name: string) => string,
): string | undefined {
  const found = nearest(wanted, names);
  if (found !== undefined) return `write ${one(found)}`;
  if (names.length === 0) return undefined;
  if (names.length === 1 && names[0] !== undefined) return `there is only ${one(names[0])}`;
  const shown = names.slice(0, 12).map(one).join(", ");
  return `one of ${shown}${names.length > 12 ? ", …" : ""}`;
}

/** Case, `-` and `_` are what people confuse most: `max_connections` is `maxConnections`. */
function fold(name: string): string {
  return name.toLowerCase().replace(/[-_]/g, "");
}

/** Letters to insert, drop, change or swap with the next. Gives up with `limit` when it cannot be less. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit || b.length > maxLength) return limit;
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const current = [i];
    for (let j = 1; j <= b.length; j += 1) current.push(cell(a, b, i, j, before, previous, current));
    [before, previous] = [previous, current];
  }
  return previous[b.length] ?? limit;
}

function cell(
  a: string,
  b: string,
  i: number,
  j: number,
  before: readonly number[],
  previous: readonly number[],
  current: readonly number[],
): number {
  const same = a[i - 1] === b[j - 1];
  const replaced = (previous[j - 1] ?? 0) + (same ? 0 : 1);
  const least = Math.min(replaced, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1);
  const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
  return swapped ? Math.min(least, (before[j - 2] ?? 0) + 1) : least;
}
