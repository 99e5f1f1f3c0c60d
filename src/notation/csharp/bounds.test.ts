import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { textOf } from "./evaluate.test-helper.ts";

const tooMany = "! the expression takes too many steps";
const tooMuch = "! the expression makes too much data";
const nearMiss = "new string('a', 50000) + \"b\" + new string('a', 50000)";

/** Each would otherwise hold the thread or take its memory: what a document does with what a client sends. */
const stopped: readonly (readonly [code: string, text: string])[] = [
  ["@{ while (true) { } return 1; }", tooMany],
  ["@{ try { while (true) { } } catch { } return 1; }", tooMany],
  ['@{ string s = "a"; while (true) s += s; return s; }', tooMuch],
  ["new string('a', 1000000000)", tooMuch],
  ["new int[2000000000]", tooMuch],
  ['"a".PadLeft(2000000000)', tooMuch],
  ['$"{1,1000000000}"', tooMuch],
  ["Enumerable.Range(0, 2000000000).Count()", tooMany],
  ["Enumerable.Range(0, 100000).Any(a => Enumerable.Range(0, 100000).Any(b => false))", tooMany],
  ["string.Join(\",\", Enumerable.Repeat(new string('x', 100000), 2000000))", tooMuch],
  ['Regex.IsMatch(new string(\'a\', 40) + "!", "(?<=^(a+)+)$")', tooMany],
  ["BitConverter.ToString(new byte[50000000])", tooMuch],
  ["Uri.EscapeDataString(new string('é', 20000000))", tooMuch],
  ["WebUtility.HtmlEncode(new string('<', 5000000))", tooMany],
  ["WebUtility.UrlDecode(new string('+', 20000000))", tooMuch],
  ["Regex.Escape(new string('(', 10000000))", tooMany],
  ["1.ToString(new string('0', 5000000))", tooMuch],
  ['new string(\'a\', 10000000).Replace("a", "")', tooMuch],
  ["@{ var n = 0; var s = new string('k', 10000000); for (;;) n += s.IndexOfAny(new[] { 'x' }); return n; }", tooMany],
  [
    "@{ int F(int n) { return F(n + 1); } return F(0); }",
    "! The expression is nested too deeply or makes too much data.",
  ],
];

describe("bounds of an expression", () => {
  for (const [code, text] of stopped) it(code, () => assert.equal(textOf(code), text));
});

describe("searching for what nearly fits everywhere takes linear time", () => {
  const long = "new string('a', 1000000)";
  const cases: readonly (readonly [code: string, text: string])[] = [
    [`${long}.IndexOf(${nearMiss})`, "-1"],
    [`${long}.LastIndexOf(${nearMiss})`, "-1"],
    [`${long}.Contains(${nearMiss})`, "False"],
    [`${long}.Replace(${nearMiss}, "").Length`, "1000000"],
    [`new StringBuilder(${long}).Replace(${nearMiss}, "").Length`, "1000000"],
    [`(${nearMiss} + "," + ${nearMiss}).IndexOf("b" + new string('a', 50000))`, "50000"],
    [`(${nearMiss} + "," + ${nearMiss}).LastIndexOf("b" + new string('a', 50000))`, "150002"],
    [`(${nearMiss} + "," + ${nearMiss}).Replace(${nearMiss}, "x")`, "x,x"],
    ["new string('a', 100000).LastIndexOf(new string('a', 50000))", "50000"],
    ["new string('a', 100000).IndexOf(new string('a', 50000), 7)", "7"],
  ];
  for (const [code, text] of cases) it(code.slice(0, 100), () => assert.equal(textOf(code), text));
});
