import { skipLiteral } from "./skip-literal.ts";

export type ExpressionEnd =
  /** `end` is behind the closing bracket. */
  | { readonly ok: true; readonly end: number }
  /** `offset` is where the part that never ends begins. */
  | { readonly ok: false; readonly offset: number; readonly message: string };

/** Does an expression begin here? What the text of an attribute or element has to begin with to be one. */
export function startsExpression(text: string, at: number): boolean {
  return text[at] === "@" && (text[at + 1] === "(" || text[at + 1] === "{");
}

/**
 * Finds the end of the `@(…)` or `@{…}` that begins at `start`, in text that goes on behind it (`rawxml` documents).
 * Only the bracket that opened it is counted, outside of strings, characters and comments: the text of an expression
 * is C#, so the quote or tag that closes the value around it can only be looked for behind its end.
 */
export function endOfExpression(text: string, start: number): ExpressionEnd {
  const open = text[start + 1];
  const close = open === "{" ? "}" : ")";
  let depth = 0;
  for (let at = start + 1; at < text.length; at++) {
    const next = skipLiteral(text, at);
    if (typeof next !== "number") return { ok: false, offset: next.offset, message: `this ${next.what} never ends` };
    if (next > at) {
      at = next - 1;
      continue;
    }
    if (text[at] === open) depth++;
    else if (text[at] === close && --depth === 0) return { ok: true, end: at + 1 };
  }
  return { ok: false, offset: start, message: `this expression never ends: its '${close}' is missing` };
}
