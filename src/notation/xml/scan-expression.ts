import { endOfExpression, startsExpression } from "#notation/csharp/syntax/end-of-expression.ts";
import { decodeMapped, findBareAmpersand } from "./entities.ts";

export type FoundExpression =
  /** `raw`: there is something in it that XML would not take. */
  | { readonly kind: "expression"; readonly start: number; readonly end: number; readonly raw: boolean }
  /** It ends, and more text follows where the value should. */
  | { readonly kind: "followed"; readonly start: number; readonly end: number }
  | { readonly kind: "unclosed"; readonly start: number; readonly offset: number; readonly message: string };

/** What closes a value: its quote, or the next tag. */
export type Closer = '"' | "'" | "<";

/**
 * Finds the expression that a value begins with, in escaped XML or with its C# as it is. Escaped first: up to the
 * character that closes the value to an XML reader there is a whole expression then. In raw C# that character would
 * stand inside brackets, so what is before it is not whole.
 * @param from behind the quote or tag; white space may follow
 * @returns undefined when the value begins with none
 */
export function findExpression(text: string, from: number, closer: Closer): FoundExpression | undefined {
  const start = skipSpace(text, from);
  if (!startsExpression(text, start)) return undefined;
  const found = findEscaped(text, start, closer);
  if (found?.kind === "expression") return found;
  const raw = endOfExpression(text, start);
  if (!raw.ok) return found ?? { kind: "unclosed", start, offset: raw.offset, message: raw.message };
  if (text[skipSpace(text, raw.end)] === closer) return { kind: "expression", start, end: raw.end, raw: true };
  return found ?? { kind: "followed", start, end: raw.end };
}

function findEscaped(text: string, start: number, closer: Closer): FoundExpression | undefined {
  const close = text.indexOf(closer, start);
  if (close < 0) return undefined;
  const slice = text.slice(start, close);
  const decoded = decodeMapped(slice, start);
  const found = endOfExpression(decoded.text, 0);
  if (!found.ok) return undefined;
  const end = found.end === decoded.text.length ? close : decoded.originOf(found.end);
  if (decoded.text.slice(found.end).trim() !== "") return { kind: "followed", start, end };
  return { kind: "expression", start, end, raw: slice.includes("<") || findBareAmpersand(slice) >= 0 };
}

export function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && isSpace(text.charCodeAt(at))) at += 1;
  return at;
}

export function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}
