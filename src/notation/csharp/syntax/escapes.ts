import { CsharpProblem } from "./problem.ts";

const simple: Readonly<Record<string, string>> = {
  "'": "'",
  '"': '"',
  "\\": "\\",
  "0": "\0",
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

/** The text of a regular string or character, without quotes, with its escapes resolved. `at` is its offset. */
export function unescape(text: string, at: number): string {
  if (!text.includes("\\")) return text;
  let result = "";
  for (let index = 0; index < text.length; index++) {
    const char = text[index] as string;
    if (char !== "\\") {
      result += char;
      continue;
    }
    const next = text[++index] ?? "";
    const plain = simple[next];
    if (plain !== undefined) {
      result += plain;
      continue;
    }
    const digits = codeDigits(text, index);
    if (digits === "") throw new CsharpProblem(`'\\${next}' is no escape sequence`, at + index - 1);
    const code = Number.parseInt(digits, 16);
    if (code > 0x10ffff) throw new CsharpProblem(`'\\U${digits}' is beyond Unicode`, at + index - 1);
    result += String.fromCodePoint(code);
    index += digits.length;
  }
  return result;
}

const patterns: Readonly<Record<string, RegExp>> = {
  u: /[0-9a-fA-F]{4}/y,
  U: /[0-9a-fA-F]{8}/y,
  x: /[0-9a-fA-F]{1,4}/y,
};

function codeDigits(text: string, index: number): string {
  const pattern = patterns[text[index] ?? ""];
  if (pattern === undefined) return "";
  pattern.lastIndex = index + 1;
  return pattern.exec(text)?.[0] ?? "";
}
