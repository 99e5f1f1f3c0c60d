const defaultDepth = 32;

/**
 * Parses JSON in which no object names a member twice. JSON.parse keeps the last of two equal names, other parsers
 * the first: with both in play, one party checks a claim that the other never sees.
 *
 * `__proto__` is refused as well, because a copy by assignment would change a prototype instead of setting a claim.
 * @returns undefined when the text is not JSON, repeats a name, or nests deeper than `maxDepth`
 * @see RFC 8259 §4, RFC 7515 §4
 */
export function parseStrictJson(text: string, maxDepth: number = defaultDepth): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isUnambiguous(text, maxDepth) ? value : undefined;
}

/** As {@link parseStrictJson}; undefined also for anything but an object. */
export function parseStrictObject(text: string): Readonly<Record<string, unknown>> | undefined {
  const value = parseStrictJson(text);
  return isObject(value) ? value : undefined;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Walks a text that is known to be JSON, so that only strings and brackets matter. A stack, not recursion: depth is the sender's choice. */
function isUnambiguous(text: string, maxDepth: number): boolean {
  const open: (Set<string> | null)[] = [];
  let nameNext = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (char === '"') {
      const end = stringEnd(text, at);
      if (nameNext && !addName(open.at(-1) as Set<string>, text.slice(at, end))) return false;
      nameNext = false;
      at = end - 1;
    } else if (char === "{" || char === "[") {
      nameNext = char === "{";
      if (open.push(nameNext ? new Set() : null) > maxDepth) return false;
    } else if (char === "}" || char === "]") {
      open.pop();
      nameNext = false;
    } else if (char === ",") {
      nameNext = open.at(-1) !== null;
    }
  }
  return true;
}

/** Index after the closing quote of the string that starts at `start`. */
function stringEnd(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at + 1;
}

/** Compares names after unescaping: `"iss"` and `"\u0069ss"` are the same name. */
function addName(names: Set<string>, literal: string): boolean {
  const name = JSON.parse(literal) as string;
  if (names.has(name) || name === "__proto__") return false;
  names.add(name);
  return true;
}
