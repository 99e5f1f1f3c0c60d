import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { endOfExpression, startsExpression } from "./end-of-expression.ts";

const whole = [
  "@(1)",
  '@("a)b")',
  String.raw`@("a\")b")`,
  '@(@"a\\" + @"b"")" + x)',
  "@(')' + '\\'' + '(')",
  "@{ var a = '{'; return \"}\"; }",
  '@($"{a(")")} }} {{ {b:)}")',
  '@($"{(x ? $"{y:00}}}" : ")")}")',
  '@($@"\\{a[")"]}""{b})")',
  '@(@$"\\)")',
  "@(1 /* ) */ + 2)",
  "@(1 // )\n + 2)",
  "@{ // it's } fine\n return 1; }",
  '@{ if (a) { return "x"; } else { return $"{new { a = "}" }}"; } }',
  '@(context.Variables.GetValueOrDefault<string>("x") == "<a b=\\"c\\"/>")',
  "@(a ? b : c)",
  "@(x / y / z)",
  "@(@class)",
];

const unfinished: readonly (readonly [text: string, offset: number, message: RegExp])[] = [
  ["@(1", 0, /'\)' is missing/],
  ["@{ return 1;", 0, /'}' is missing/],
  ['@("a)', 2, /string never ends/],
  ['@("a\n")', 2, /string never ends/],
  ['@(@"a)', 2, /string never ends/],
  ["@('a)", 2, /character never ends/],
  ["@(1 /* )", 4, /comment never ends/],
  ['@($"{a)', 4, /hole never ends/],
  ['@($"{a:x")', 4, /hole never ends/],
];

describe("endOfExpression", () => {
  for (const text of whole) {
    it(`ends ${JSON.stringify(text)} at its end`, () => {
      for (const behind of ["", ')"}', '" b="c"/>', "</value>"]) {
        assert.deepEqual(endOfExpression(`<a>${text}${behind}`, 3), { ok: true, end: 3 + text.length });
      }
    });
  }

  for (const [text, offset, message] of unfinished) {
    it(`says where ${JSON.stringify(text)} is unfinished`, () => {
      const end = endOfExpression(text, 0);
      assert.ok(!end.ok);
      assert.equal(end.offset, offset);
      assert.match(end.message, message);
    });
  }

  it("refuses strings nested in holes without end, in linear time", () => {
    assert.ok(!endOfExpression(`@(${'$"{'.repeat(100_000)}`, 0).ok);
  });

  it("knows where one starts", () => {
    assert.deepEqual(
      ["@(", "@{", "@a", "(", ""].map((text) => startsExpression(text, 0)),
      [true, true, false, false, false],
    );
  });
});
