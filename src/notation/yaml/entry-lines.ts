/** Lines `from` to `to` (without it) of a text, by the offsets at which lines start. */
export interface Lines {
  readonly text: string;
  readonly starts: readonly number[];
  readonly from: number;
  readonly to: number;
}

/** A plain key and its colon. What may stand behind it is the parser's business. */
const key = /[A-Za-z0-9_/][^\s:#]*:(?= |\n|$)/y;
const space = 0x20;
const newline = 0x0a;
const hash = 0x23;
const dash = 0x2d;

export function linesOf(text: string): Lines {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return { text, starts, from: 0, to: starts.length };
}

/** Where a line begins; the text's end for the line behind the last. */
export function startOf({ text, starts }: Lines, line: number): number {
  return starts[line] ?? text.length;
}

/**
 * The lines on which the entries of a block map begin, when these lines are such a map with plain keys, and every
 * other line belongs to the entry above it by being indented deeper (or is a dash below its key, blank, or a comment).
 * Undefined when anything stands there that could make it another thing.
 *
 * An entry may still be cut in the midst of a quoted text or of brackets: what is cut so is not closed, and no parser
 * takes it.
 */
export function entryLines(lines: Lines): readonly number[] | undefined {
  const entries: number[] = [];
  let indent = -1;
  for (let line = lines.from; line < lines.to; line += 1) {
    const start = startOf(lines, line);
    const at = skipSpaces(lines.text, start);
    if (isIdle(lines.text, at)) continue;
    const depth = at - start;
    if (indent < 0) indent = depth;
    if (depth > indent) continue;
    if (depth < indent) return undefined;
    if (isKey(lines.text, at)) entries.push(line);
    else if (entries.length === 0 || lines.text.charCodeAt(at) !== dash || !isItem(lines.text, at)) return undefined;
  }
  return entries.length === 0 ? undefined : entries;
}

/** Nothing but a key stands on the line: its value is on the lines below. */
export function isBareKey(lines: Lines, line: number): boolean {
  const at = skipSpaces(lines.text, startOf(lines, line));
  key.lastIndex = at;
  return key.test(lines.text) && isIdle(lines.text, skipSpaces(lines.text, key.lastIndex));
}

function isKey(text: string, at: number): boolean {
  key.lastIndex = at;
  return key.test(text);
}

function isItem(text: string, at: number): boolean {
  const next = text.charCodeAt(at + 1);
  return next === space || next === newline;
}

/** A blank line or a comment. */
function isIdle(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return at >= text.length || code === newline || code === hash;
}

function skipSpaces(text: string, at: number): number {
  let end = at;
  while (text.charCodeAt(end) === space) end += 1;
  return end;
}
