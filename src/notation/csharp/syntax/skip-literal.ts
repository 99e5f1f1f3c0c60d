/** What a scan ran into: where the unfinished thing began, and what it is. */
export interface Unfinished {
  readonly offset: number;
  readonly what: "string" | "character" | "comment" | "hole";
}

/** Deepest nesting of interpolated strings within each other's holes. */
const maxHoles = 16;

/**
 * The end (exclusive) of the string, character or comment that begins at `at`; `at` itself when none begins there.
 * Strings are C# 7's: `"…"`, `@"…"`, `$"…"`, `$@"…"` (and `@$"…"`), with holes of interpolated ones scanned as code.
 */
export function skipLiteral(text: string, at: number, depth = 0): number | Unfinished {
  const first = text[at];
  if (first === '"') return regular(text, at, at + 1);
  if (first === "'") return character(text, at);
  if (first === "/") return comment(text, at);
  if (first !== "@" && first !== "$") return at;
  const quote = stringPrefix(text, at);
  if (quote === 0) return at;
  const isVerbatim = first === "@" || text[at + 1] === "@";
  const isInterpolated = first === "$" || text[at + 1] === "$";
  return isInterpolated ? interpolated(text, at, quote + 1, isVerbatim, depth) : verbatim(text, at, quote + 1);
}

/** Index of the opening quote behind `@`, `$`, `$@` or `@$` at `at`; 0 when it is no prefix. */
export function stringPrefix(text: string, at: number): number {
  const length = text[at + 1] === '"' ? 1 : 2;
  const two = text[at] !== text[at + 1] && (text[at + 1] === "@" || text[at + 1] === "$");
  return text[at + length] === '"' && (length === 1 || two) ? at + length : 0;
}

function regular(text: string, start: number, from: number): number | Unfinished {
  for (let at = from; at < text.length; at++) {
    const char = text[at];
    if (char === '"') return at + 1;
    if (isNewline(char)) break;
    if (char === "\\") at++;
  }
  return { offset: start, what: "string" };
}

function verbatim(text: string, start: number, from: number): number | Unfinished {
  for (let at = from; at < text.length; at++) {
    if (text[at] !== '"') continue;
    if (text[at + 1] !== '"') return at + 1;
    at++;
  }
  return { offset: start, what: "string" };
}

function character(text: string, start: number): number | Unfinished {
  for (let at = start + 1; at < text.length && !isNewline(text[at]); at++) {
    if (text[at] === "'" && at > start + 1) return at + 1;
    if (text[at] === "\\") at++;
  }
  return { offset: start, what: "character" };
}

function comment(text: string, start: number): number | Unfinished {
  if (text[start + 1] === "/") {
    let at = start + 2;
    while (at < text.length && !isNewline(text[at])) at++;
    return at;
  }
  if (text[start + 1] !== "*") return start;
  const end = text.indexOf("*/", start + 2);
  return end === -1 ? { offset: start, what: "comment" } : end + 2;
}

function interpolated(
  text: string,
  start: number,
  from: number,
  isVerbatim: boolean,
  depth: number,
): number | Unfinished {
  for (let at = from; at < text.length; at++) {
    const char = text[at];
    if (char === '"') {
      if (!isVerbatim || text[at + 1] !== '"') return at + 1;
      at++;
    } else if (char === "{") {
      if (text[at + 1] === "{") at++;
      else {
        const hole = skipHole(text, at + 1, depth + 1);
        if (typeof hole.end !== "number") return hole.end;
        at = hole.end - 1;
      }
    } else if (!isVerbatim) {
      if (isNewline(char)) break;
      if (char === "\\") at++;
    }
  }
  return { offset: start, what: "string" };
}

/** A hole `{code, alignment : format}`; `at` is behind its `{`. Offsets of the separators are -1 where absent. */
export interface Hole {
  readonly comma: number;
  readonly colon: number;
  /** Behind the closing brace. */
  readonly end: number | Unfinished;
}

export function skipHole(text: string, from: number, depth: number): Hole {
  let nesting = 0;
  let comma = -1;
  if (depth > maxHoles) return { comma, colon: -1, end: { offset: from - 1, what: "hole" } };
  for (let at = from; at < text.length; at++) {
    const next = skipLiteral(text, at, depth);
    if (typeof next !== "number") return { comma, colon: -1, end: next };
    if (next > at) {
      at = next - 1;
      continue;
    }
    const char = text[at] as string;
    if ("([{".includes(char)) nesting++;
    else if (char === "}" && nesting === 0) return { comma, colon: -1, end: at + 1 };
    else if (")]}".includes(char)) nesting--;
    else if (char === "," && nesting === 0 && comma === -1) comma = at;
    else if (char === ":" && nesting === 0) return formatted(text, from, comma, at);
  }
  return { comma, colon: -1, end: { offset: from - 1, what: "hole" } };
}

/** The format is text, not code: it ends at the next brace that is not doubled. */
function formatted(text: string, from: number, comma: number, colon: number): Hole {
  for (let at = colon + 1; at < text.length && text[at] !== '"'; at++) {
    if (text[at] !== "}") continue;
    if (text[at + 1] !== "}") return { comma, colon, end: at + 1 };
    at++;
  }
  return { comma, colon, end: { offset: from - 1, what: "hole" } };
}

export function isNewline(char: string | undefined): boolean {
  return char === "\n" || char === "\r" || char === "\u0085" || char === "\u2028" || char === "\u2029";
}
