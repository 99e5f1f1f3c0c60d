import { unescape } from "./escapes.ts";
import { CsharpProblem } from "./problem.ts";
import { skipHole, skipLiteral, stringPrefix } from "./skip-literal.ts";
import { type HoleTokens, keywords, operators, type Token } from "./token.ts";

const blank = /[\s\u0085]+/y;
const word = /@?[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Nd}\p{Pc}\p{Mn}\p{Mc}\p{Cf}]*/uy;
const number =
  /0[xX][0-9a-fA-F_]+([uU]?[lL]?|[lL][uU])(?![\w])|0[bB][01_]+([uU]?[lL]?|[lL][uU])(?![\w])|(?:\d[\d_]*)?\.?\d[\d_]*(?:[eE][+-]?\d[\d_]*)?([fFdDmM]|[uU]?[lL]?|[lL][uU])(?![\w])/y;

/**
 * Tokens of C# text from `from` to `to`, with the offsets of `text`; the last one is of kind `end`.
 * @throws CsharpProblem at what is no C#
 */
export function tokenize(text: string, from: number, to: number): Token[] {
  const tokens: Token[] = [];
  let at = from;
  while (at < to) {
    const space = match(blank, text, at);
    if (space > 0) {
      at += space;
      continue;
    }
    const next = skipLiteral(text, at);
    if (typeof next !== "number") throw new CsharpProblem(`this ${next.what} never ends`, next.offset);
    if (next > to) throw new CsharpProblem("this never ends", at);
    if (next > at) {
      if (text[at] !== "/") tokens.push(quoted(text, at, next));
      at = next;
      continue;
    }
    const token = plain(text, at);
    tokens.push(token);
    at = token.end;
  }
  tokens.push({ kind: "end", text: "", start: to, end: to });
  return tokens;
}

function match(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0].length ?? 0;
}

function plain(text: string, at: number): Token {
  const length = match(word, text, at);
  if (length > 0) {
    const name = text.slice(at, at + length);
    const end = at + length;
    if (name.startsWith("@")) return { kind: "name", text: name.slice(1), start: at, end };
    return { kind: keywords.has(name) ? "keyword" : "name", text: name, start: at, end };
  }
  if (isDigit(text[at]) || (text[at] === "." && isDigit(text[at + 1]))) return numeral(text, at);
  const operator = operators.find((candidate) => text.startsWith(candidate, at));
  if (operator === undefined) throw new CsharpProblem(`'${text[at]}' is not expected in C#`, at);
  // `a?.5:b` is a conditional whose first branch is a number.
  if (operator === "?." && isDigit(text[at + 2])) return { kind: "operator", text: "?", start: at, end: at + 1 };
  return { kind: "operator", text: operator, start: at, end: at + operator.length };
}

function isDigit(char: string | undefined): boolean {
  return char !== undefined && char >= "0" && char <= "9";
}

function numeral(text: string, at: number): Token {
  number.lastIndex = at;
  const found = number.exec(text);
  if (found === null) throw new CsharpProblem("this is no number", at);
  const suffix = (found[1] ?? found[2] ?? found[3] ?? "").toLowerCase().replace("lu", "ul");
  const digits = found[0].slice(0, found[0].length - suffix.length).replaceAll("_", "");
  const isReal = !/^0[xb]/i.test(digits) && (/[.e]/i.test(digits) || /[fdm]/.test(suffix));
  return { kind: isReal ? "real" : "integer", text: digits, suffix, start: at, end: at + found[0].length };
}

function quoted(text: string, start: number, end: number): Token {
  if (text[start] === "'") {
    const value = unescape(text.slice(start + 1, end - 1), start + 1);
    if (value.length !== 1) throw new CsharpProblem("a character literal holds exactly one character", start);
    return { kind: "char", text: value, start, end };
  }
  const quote = text[start] === '"' ? start : stringPrefix(text, start);
  const prefix = text.slice(start, quote);
  const isVerbatim = prefix.indexOf("@") >= 0;
  if (prefix.indexOf("$") >= 0) {
    const parts = interpolatedParts(text, quote + 1, end - 1, isVerbatim);
    return { kind: "interpolated", text: "", parts, start, end };
  }
  return { kind: "string", text: literal(text, quote + 1, end - 1, isVerbatim), start, end };
}

function literal(text: string, from: number, to: number, isVerbatim: boolean): string {
  const inner = text.slice(from, to);
  return isVerbatim ? inner.replaceAll('""', '"') : unescape(inner, from);
}

function interpolatedParts(text: string, from: number, to: number, isVerbatim: boolean): (string | HoleTokens)[] {
  const parts: (string | HoleTokens)[] = [];
  let current = "";
  let begun = from;
  const flush = (at: number): void => {
    current += literal(text, begun, at, isVerbatim);
  };
  for (let at = from; at < to; at++) {
    const char = text[at] as string;
    if (char === "\\" && !isVerbatim) at++;
    else if (char === "{" || char === "}") {
      flush(at);
      if (text[at + 1] === char) {
        current += char;
        begun = at += 2;
        at--;
        continue;
      }
      if (char === "}") throw new CsharpProblem("a '}' in an interpolated string is written '}}'", at);
      if (current !== "") parts.push(current);
      current = "";
      const end = addHole(parts, text, at + 1, isVerbatim);
      begun = end;
      at = end - 1;
    }
  }
  flush(to);
  if (current !== "") parts.push(current);
  return parts;
}

function addHole(parts: (string | HoleTokens)[], text: string, from: number, isVerbatim: boolean): number {
  const { comma, colon, end } = skipHole(text, from, 1);
  if (typeof end !== "number") throw new CsharpProblem("this hole never ends", from - 1);
  const formatAt = colon === -1 ? end - 1 : colon;
  const codeEnd = comma === -1 ? formatAt : comma;
  const format = colon === -1 ? null : literal(text, colon + 1, end - 1, isVerbatim).replaceAll("}}", "}");
  const alignment = comma === -1 ? null : tokenize(text, comma + 1, formatAt);
  parts.push({ tokens: tokenize(text, from, codeEnd), alignment, format });
  return end;
}
