import { text as made } from "./run.ts";

const blank = /[\s\u0085]/;

/** `sides`: 1 the start, 2 the end, 3 both. No characters: white space. */
export function trimText(text: string, chars: readonly string[], sides: number): string {
  const drops = (char: string): boolean => (chars.length === 0 ? blank.test(char) : chars.includes(char));
  let from = 0;
  let to = text.length;
  if ((sides & 1) !== 0) while (from < to && drops(text[from] as string)) from++;
  if ((sides & 2) !== 0) while (to > from && drops(text[to - 1] as string)) to--;
  return made(text.slice(from, to));
}
