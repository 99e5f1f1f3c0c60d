import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { GatewayError } from "#model/errors.ts";
import { compileCsharp, evaluationMessage } from "./compile.ts";
import { contextOf } from "./context.test-helper.ts";

/** Code that would take all the time or memory there is. */
const hostile: readonly string[] = [
  "@{ while (true) { } }",
  "@{ for (;;) ; }",
  "@{ do { } while (true); return 1; }",
  '@{ var s = "a"; while (true) s += s; return s; }',
  "@(new string('a', 1000000000))",
  '@("".PadLeft(2000000000))',
  '@($"{1,2000000000}")',
  '@(string.Format("{0,999999}", 1).PadRight(1000000000))',
  "@(new int[1000000000])",
  "@(new byte[2000000000])",
  "@(Enumerable.Range(0, 2000000000).Sum(x => (long)x))",
  '@(Enumerable.Repeat("abc", 2000000000).ToList())',
  '@(string.Join(",", Enumerable.Range(0, 2000000000)))',
  "@{ int f(int n) => f(n + 1); return f(0); }",
  "@{ Func<int, int> f = null; f = n => f(n) + 1; return f(0); }",
  '@{ var l = new List<string>(); while (true) l.Add("x"); return 1; }',
  "@{ var l = new List<int> { 1 }; while (true) l.AddRange(l.ToArray()); return 1; }",
  '@{ var b = new StringBuilder("x"); while (true) b.Append(b.ToString()); return 1; }',
  '@{ var s = "aaaaaaaaaa"; for (var i = 0; i < 20; i++) s = s.Replace("a", s); return s.Length; }',
  "@{ var s = new string('a', 1000000); while (true) s.IndexOf(\"b\"); return 1; }",
  '@{ while (true) TimeZoneInfo.FindSystemTimeZoneById("Eastern Standard Time"); return 1; }',
  "@{ var l = Enumerable.Range(0, 100000).ToList(); while (true) l.Insert(0, 1); return 1; }",
  "@{ var a = new JArray(); while (true) a.Add(new JObject()); return 1; }",
  "@(JToken.Parse(new string('[', 100000)))",
  "@{ try { while (true) { } } catch (Exception) { return 1; } finally { while (true) { } } return 2; }",
];

describe("compileCsharp", () => {
  for (const source of hostile) {
    it(`stops ${source}`, () => {
      const compiled = compileCsharp(source);
      const started = performance.now();
      assert.throws(
        () => compiled.run(contextOf()),
        (error: unknown) => error instanceof GatewayError && error.code === "expression-failed",
      );
      assert.ok(performance.now() - started < 3000, "took too long");
    });
  }

  it("says which bodies an expression reads", () => {
    const reads = (source: string): readonly boolean[] => {
      const { readsRequestBody, readsResponseBody } = compileCsharp(source);
      return [readsRequestBody, readsResponseBody];
    };
    assert.deepEqual(reads("@(context.Request.Body.As<string>())"), [true, false]);
    assert.deepEqual(reads("@{ var r = context.Request; return r.Body == null; }"), [true, false]);
    assert.deepEqual(reads("@(context.Response.Body.As<string>(true))"), [false, true]);
    assert.deepEqual(reads('@(((IResponse)context.Variables["r"]).Body.As<string>())'), [false, false]);
    assert.deepEqual(reads("@(context.Response.StatusCode)"), [false, false]);
  });

  it("keeps one run apart from the next", () => {
    const compiled = compileCsharp("@{ var n = 0; Func<int> next = () => ++n; next(); return next(); }");
    assert.equal(compiled.run(contextOf()), 2);
    assert.equal(compiled.run(contextOf()), 2);
  });

  it("names the failure as .NET does, and shows no value of ours", () => {
    const compiled = compileCsharp("@(context.Product.Name)");
    assert.throws(
      () => compiled.run(contextOf()),
      (error: unknown) => {
        assert.equal(
          evaluationMessage(error),
          "Expression evaluation failed. Object reference not set to an instance of an object.",
        );
        return (error as Error).message === "C# expression: NullReferenceException";
      },
    );
  });

  it("throws when it is compiled from what does not check", () => {
    assert.throws(() => compileCsharp("@(nobody.home)"), GatewayError);
  });
});
