/** A piece of a template: text with its escapes undone, or the source of an expression and where it starts. */
export type TemplatePiece =
  | { readonly kind: "text"; readonly text: string; readonly offset: number }
  | { readonly kind: "source"; readonly source: string; readonly offset: number };

/**
 * Splits a text at its `${…}` parts. `$${` is a literal `${`. The end of a part is the brace that closes it: braces
 * of CEL maps are counted, those in CEL strings and comments are not.
 * @returns the offset of the `${` that is never closed, if there is one
 */
export function splitTemplate(text: string): readonly TemplatePiece[] | { readonly unclosedAt: number } {
  const pieces: TemplatePiece[] = [];
  let literal = "";
  let from = 0;
  let at = 0;
  while (at < text.length) {
    if (text.startsWith("$${", at)) {
      literal += "${";
      at += 3;
    } else if (text.startsWith("${", at)) {
      const end = closingBrace(text, at + 2);
      if (end < 0) return { unclosedAt: at };
      if (literal !== "") pieces.push({ kind: "text", text: literal, offset: from });
      pieces.push({ kind: "source", source: text.slice(at + 2, end), offset: at + 2 });
      literal = "";
      at = from = end + 1;
    } else {
      literal += text[at];
      at += 1;
    }
  }
  if (literal !== "") pieces.push({ kind: "text", text: literal, offset: from });
  return pieces;
}

function closingBrace(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length;) {
    const skipped = skipQuotedOrComment(text, at);
    if (skipped > at) {
      at = skipped;
      continue;
    }
    if (text[at] === "{") depth += 1;
    if (text[at] === "}") {
      if (depth === 0) return at;
      depth -= 1;
    }
    at += 1;
  }
  return -1;
}

/** The place after a string or comment that starts here; `at` itself when none does. */
function skipQuotedOrComment(text: string, at: number): number {
  if (text.startsWith("//", at)) {
    const end = text.indexOf("\n", at);
    return end < 0 ? text.length : end;
  }
  const quote = text[at];
  if (quote !== '"' && quote !== "'") return at;
  const triple = quote.repeat(3);
  const mark = text.startsWith(triple, at) ? triple : quote;
  return endOfString(text, at + mark.length, mark, isRaw(text, at));
}

/** `r"…"`: backslashes are plain characters. @see CEL specification, lexis */
function isRaw(text: string, at: number): boolean {
  return /(^|[^A-Za-z0-9_])([rR][bB]?|[bB][rR])$/.test(text.slice(Math.max(0, at - 3), at));
}

function endOfString(text: string, start: number, mark: string, raw: boolean): number {
  for (let at = start; at < text.length; at += 1) {
    if (text.startsWith(mark, at)) return at + mark.length;
    if (!raw && text[at] === "\\") at += 1;
  }
  return text.length;
}
