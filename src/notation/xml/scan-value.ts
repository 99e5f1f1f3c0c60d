import type { Cursor } from "./cursor.ts";
import type { XmlValue } from "./document.ts";
import { findBareAmpersand, findWrongReference } from "./entities.ts";
import { type Closer, findExpression, skipSpace } from "./scan-expression.ts";

/** What a tag goes on with behind the closing quote of a value. */
const behind = /[\s/>?]/;
/** Characters of a hole of a deployment tool. */
const maxHole = 1000;

/**
 * The value of an attribute whose opening quote has just been read; goes behind the closing one.
 * @param hasQuotes quotes may stand in it: one that no tag could go on behind closes nothing
 */
export function scanAttributeValue(cursor: Cursor, quote: '"' | "'", hasQuotes: boolean): XmlValue {
  const from = cursor.at;
  const value = scanExpression(cursor, from, quote);
  if (cursor.stopped && value !== undefined) return value;
  if (value !== undefined) {
    const close = value.kind === "expression" ? skipSpace(cursor.text, value.end) : closingQuote(cursor, from, quote);
    cursor.at = close < 0 ? cursor.text.length : close + 1;
    return value;
  }
  const close = hasQuotes ? endOfNames(cursor, from, quote) : endOfLiteral(cursor.text, from, quote);
  if (close < 0) {
    cursor.report("xml-syntax", from - 1, "this value is never closed", `close it with ${quote}`);
    cursor.stop();
    return { kind: "broken", start: from, end: from };
  }
  cursor.at = close + 1;
  return checkLiteral(cursor, from, close);
}

/** Text up to the next tag; undefined when there is nothing but white space. */
export function scanTextValue(cursor: Cursor): XmlValue | undefined {
  const from = cursor.at;
  const value = scanExpression(cursor, from, "<");
  if (cursor.stopped && value !== undefined) return value;
  const tag = cursor.text.indexOf("<", value?.kind === "expression" ? value.end : from);
  cursor.at = tag < 0 ? cursor.text.length : tag;
  if (value !== undefined) return value;
  return skipSpace(cursor.text, from) >= cursor.at ? undefined : checkLiteral(cursor, from, cursor.at);
}

function scanExpression(cursor: Cursor, from: number, closer: Closer): XmlValue | undefined {
  const found = findExpression(cursor.text, from, closer);
  if (found === undefined) return undefined;
  const { start } = found;
  if (found.kind === "expression") {
    const value: XmlValue = { kind: "expression", start, end: found.end };
    cursor.expressions.push(value);
    cursor.raw ||= found.raw;
    return value;
  }
  if (found.kind === "followed") {
    const fix = 'write one expression for the whole value: @("…" + …)';
    cursor.report("expression-misplaced", found.end, "text stands behind the expression", fix);
  } else {
    cursor.report("expression-unclosed", found.offset, found.message);
    // Which of the quotes and tags behind it are C# cannot be told.
    cursor.stop();
  }
  return { kind: "broken", start, end: start };
}

/** Where the value ends as far as one can tell: at a quote that a tag could go on behind. */
function closingQuote({ text }: Cursor, from: number, quote: string): number {
  for (let at = text.indexOf(quote, from); at >= 0; at = text.indexOf(quote, at + 1)) {
    if (behind.test(text[at + 1] ?? ">")) return at;
  }
  return -1;
}

/**
 * Where a literal is closed. A hole of a deployment tool may have quotes of its own, `"${lookup(sizes, "small")}"`: a
 * quote inside one, behind which no tag could go on, closes nothing.
 */
function endOfLiteral(text: string, from: number, quote: string): number {
  const first = text.indexOf(quote, from);
  let close = first;
  while (close >= 0 && !behind.test(text[close + 1] ?? ">")) {
    const end = endOfHoleAround(text, from, close);
    if (end < 0) return first;
    close = text.indexOf(quote, end);
  }
  return close;
}

/** The end of the hole `${…}` that a place stands in, on its line; -1 where it stands in none. */
function endOfHoleAround(text: string, from: number, at: number): number {
  const start = text.lastIndexOf("${", at);
  if (start < from) return -1;
  let depth = 0;
  for (let here = start + 1; here < Math.min(text.length, start + maxHole) && text[here] !== "\n"; here += 1) {
    if (text[here] === "{") depth += 1;
    else if (text[here] === "}") depth -= 1;
    if (depth === 0) return here > at ? here + 1 : -1;
  }
  return -1;
}

/** To an XML reader such a value is none, so the document is `rawxml`. */
function endOfNames(cursor: Cursor, from: number, quote: string): number {
  const close = closingQuote(cursor, from, quote);
  if (close > cursor.text.indexOf(quote, from)) cursor.raw = true;
  return close;
}

function checkLiteral(cursor: Cursor, start: number, end: number): XmlValue {
  const text = cursor.text.slice(start, end);
  const ampersand = findBareAmpersand(text);
  if (ampersand >= 0) {
    cursor.report("xml-syntax", start + ampersand, "an & that begins no entity of XML", "write &amp;");
  }
  const wrong = findWrongReference(text);
  if (wrong !== undefined) {
    cursor.report("xml-syntax", start + wrong.offset, `there is no character ${wrong.text}`);
  }
  const less = text.indexOf("<");
  if (less >= 0) cursor.report("xml-syntax", start + less, "a < in the value of an attribute", "write &lt;");
  return { kind: "literal", start, end };
}
