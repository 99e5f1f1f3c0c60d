import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkCsharp } from "./check.ts";

/** Code that is refused when it is loaded, where, and why. */
const bad: readonly (readonly [source: string, at: string, message: RegExp])[] = [
  ["@(1 +)", ")", /an expression is expected here/],
  ['@("x".Foo())', "Foo", /'string' has no member 'Foo' here/],
  ['@("x".length)', "length", /did you mean 'Length'/],
  ['@(context.Request.Header["a"])', "Header", /did you mean 'Headers'/],
  ['@("a" "b")', '"b"', /an operator is expected here, not the text "b"/],
  ["@(context.Request.Body.As<XmlDocument>())", "As", /a body cannot be read as 'XmlDocument': it can as string/],
  ["@(context.Subscription.PrimaryKey)", "PrimaryKey", /no member 'PrimaryKey' here: keys are kept as digests alone/],
  ["@(context.Reqest.Method)", "Reqest", /'IProxyRequestContext' has no member 'Reqest'/],
  ['@(File.ReadAllText("x"))', "File", /the name 'File' means nothing here/],
  ['@(System.IO.File.ReadAllText("x"))', "File", /'System.IO.File' is not available/],
  ["@(new HttpClient())", "HttpClient", /the type 'HttpClient' is not available/],
  ['@("a" - 1)', '"a"', /'-' does not go with 'string' and 'int'/],
  ["@(1 ? 2 : 3)", "1", /'int' does not convert to 'bool'/],
  ["@{ var x = 1; }", "}", /not every path returns a value/],
  ["@{ if (true == false) { return 1; } }", "}", /not every path returns a value/],
  ["@{ return x; }", "x", /the name 'x' means nothing here/],
  ['@{ int x = "a"; return x; }', '"a"', /'string' does not convert to 'int'/],
  ["@{ var x = null; return x; }", "null", /'var' cannot be/],
  ['@((JObject)"a")', "(JObject)", /'string' cannot be cast to 'JObject'/],
  ['@(context.Variables["x"] == true)', "context", /'==' does not go with 'object' and 'bool'/],
  ["@(context.Request.Headers.GetValueOrDefault(1))", "GetValueOrDefault", /no 'GetValueOrDefault' that takes \(int\)/],
  ["@(new[] { 1, 2 }.Select(x => x.Foo))", "Foo", /'int' has no member 'Foo'/],
  ["@(await x)", "await", /'await' has no place/],
  ["@{ goto a; }", "goto", /'goto' is not supported/],
  ["@(new Func<int>()())", "new", /'Func<int>' is made of one function/],
  ['@(new Func<int>("a")())', '"a"', /./],
  ["@(checked((byte)300))", "@(", /too large or too small for an unsigned byte/],
  ["@(new int[0].Length())", "new", /'int' cannot be called/],
  ["@(typeof(string).Assembly)", "Assembly", /'Type' has no member 'Assembly'/],
];

describe("checkCsharp", () => {
  for (const [source, at, message] of bad) {
    it(`refuses ${source}`, () => {
      const problem = checkCsharp(source);
      assert.match(problem?.message ?? "", message);
      assert.equal(source.slice(problem?.offset ?? 0).startsWith(at), true, `at ${source.slice(problem?.offset ?? 0)}`);
    });
  }

  it("never fails by anything but a problem", () => {
    assert.ok(checkCsharp("@(true ? null : default)"));
    assert.equal(checkCsharp('@(XElement.Parse("<a/>").Element("no name"))'), undefined);
  });

  it("wants what the place of the expression takes", () => {
    assert.equal(checkCsharp("@(true)", "bool"), undefined);
    assert.match(checkCsharp('@("true")', "bool")?.message ?? "", /a bool is expected/);
    assert.match(checkCsharp('@(context.Variables["x"])', "bool")?.message ?? "", /a bool is expected/);
    assert.match(
      checkCsharp('@{ if (true) { return true; } return "x"; }', "bool")?.message ?? "",
      /a bool is expected/,
    );
    assert.equal(checkCsharp("@(1.5)", "int"), undefined);
    assert.match(checkCsharp('@("1")', "int")?.message ?? "", /a int is expected/);
    assert.equal(checkCsharp("@(1)", "string"), undefined);
  });

  it("bounds length, nesting and chains before they cost anything", () => {
    const started = performance.now();
    assert.match(checkCsharp(`@("${"a".repeat(70_000)}")`)?.message ?? "", /at most/);
    for (const [open, close] of [
      ["(", ")"],
      ["new[]{", "}"],
      ["-", ""],
      ["!", ""],
      ["(int)", ""],
      ["x=>", ""],
      ['$"{', '}"'],
      ["a?", ":b"],
      ["f(", ")"],
      ["a<", ""],
      ["{", "}"],
    ] as const) {
      assert.ok(checkCsharp(`@(${open.repeat(5000)}1${close.repeat(5000)})`), open);
      assert.ok(checkCsharp(`@{${open.repeat(5000)}1;${close.repeat(5000)}}`), open);
    }
    assert.ok(checkCsharp(`@(1${"+1".repeat(5000)})`));
    assert.ok(checkCsharp(`@(a${".b".repeat(5000)})`));
    assert.ok(performance.now() - started < 10_000);
  });

  it("binds nested lambdas once a level", () => {
    let code = "1";
    for (let depth = 0; depth < 12; depth++) code = `new[] { 1 }.Select(x${depth} => ${code}).First()`;
    assert.equal(checkCsharp(`@(${code})`), undefined);
  });
});
