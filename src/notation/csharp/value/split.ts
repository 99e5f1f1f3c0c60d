import { argument, outOfRange } from "./net-exception.ts";
import { charge, step } from "./run.ts";

const blanks = /[\s\u0085]/;

/** string.Split. No separators: white space. `options`: 1 removes empty entries, 2 trims them. */
export function splitText(text: string, separators: readonly string[], count: number, options: number): string[] {
  if (count < 0) throw outOfRange("count");
  if (options < 0 || options > 3) throw argument("Illegal enum value.");
  const removesEmpty = (options & 1) !== 0;
  const trims = (options & 2) !== 0;
  if (count === 0 || (removesEmpty && text === "")) return [];
  const used = separators.filter((separator) => separator !== "");
  const isBlank = separators.length === 0;
  const result: string[] = [];
  let begun = 0;
  for (let at = 0; at < text.length && result.length < count - 1;) {
    const length = separatorAt(text, at, used, isBlank);
    if (length === 0) {
      at++;
      if ((at & 1023) === 0) step();
      continue;
    }
    step();
    add(result, text.slice(begun, at), removesEmpty, trims);
    at += length;
    begun = at;
  }
  let rest = text.slice(begun);
  if (removesEmpty && result.length === count - 1) rest = skipSeparators(rest, used, isBlank);
  add(result, rest, removesEmpty, trims);
  return result;
}

function add(result: string[], part: string, removesEmpty: boolean, trims: boolean): void {
  const made = trims ? part.trim() : part;
  if (removesEmpty && made === "") return;
  charge(made.length * 2 + 16);
  result.push(made);
}

function separatorAt(text: string, at: number, separators: readonly string[], isBlank: boolean): number {
  if (isBlank) return blanks.test(text[at] as string) ? 1 : 0;
  for (const separator of separators) {
    // A long one that nearly fits at each place costs its length each time.
    if (separator.length > 1024) step(separator.length >> 10);
    if (text.startsWith(separator, at)) return separator.length;
  }
  return 0;
}

/** The last entry of a limited split does not begin with what would have been an empty one. */
function skipSeparators(text: string, separators: readonly string[], isBlank: boolean): string {
  let at = 0;
  for (;;) {
    const length = at < text.length ? separatorAt(text, at, separators, isBlank) : 0;
    if (length === 0) return text.slice(at);
    at += length;
  }
}
