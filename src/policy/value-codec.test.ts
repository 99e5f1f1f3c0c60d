import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Value } from "#model/policy-tree.ts";
import { ReceivedResponse } from "#model/received-response.ts";
import { exchangeFor, fixedClock } from "./policy.test-helper.ts";
import { decodeValue, encodeValue } from "./value-codec.ts";
import { evaluateAny, evaluateString } from "./values.ts";

function csharp(source: string): Value {
  return { kind: "expression", expression: { language: "csharp", source, at: { file: "p.xml", line: 1, column: 1 } } };
}

/** What C# makes of a value that was kept and found again. */
function afterwards(made: string, use: string): string {
  const kept = encodeValue(evaluateAny(csharp(`@(${made})`), fixedClock)(exchangeFor()));
  const exchange = exchangeFor();
  exchange.setVariable("x", decodeValue(kept));
  return evaluateString(csharp(`@(${use.replaceAll("$x", 'context.Variables["x"]')})`), fixedClock)(exchange);
}

describe("values of C# that were kept", () => {
  for (const [made, use, expected] of [
    [
      'new JObject(new JProperty("2", 1), new JProperty("1", new JArray(1.0, null, "é")))',
      "((JObject)$x).ToString(Newtonsoft.Json.Formatting.None)",
      '{"2":1,"1":[1.0,null,"é"]}',
    ],
    ["new JArray(1, 2)", "((JArray)$x).Count.ToString()", "2"],
    ['(JToken)"a"', "(string)((JToken)$x) + ($x is JValue).ToString()", "aTrue"],
    [
      'new JObject(new JProperty("at", DateTime.Parse("2026-01-02T03:04:05Z").ToUniversalTime()))',
      '((JObject)$x)["at"].Type.ToString()',
      "Date",
    ],
    [
      'new Dictionary<string, int> { { "b", 2 }, { "a", 1 } }',
      'string.Join(",", ((Dictionary<string, int>)$x).Select(p => p.Key + p.Value))',
      "b2,a1",
    ],
    ['new List<string> { "a", "b" }', 'string.Join("+", (List<string>)$x)', "a+b"],
    ['new[] { "a", "b" }', "((string[])$x).Length.ToString()", "2"],
    ["new List<List<int?>> { new List<int?> { 1, null } }", "((List<List<int?>>)$x)[0].Count.ToString()", "2"],
    ['new HashSet<string> { "a", "a" }', '((HashSet<string>)$x).Contains("a").ToString()', "True"],
    [
      'XElement.Parse("<a xmlns=\\"urn:x\\" b=\\"1\\"><c> d </c>t</a>")',
      '((XElement)$x).Name.LocalName + ((XElement)$x).Value + ((XElement)$x).Attribute("b").Value',
      "a d t1",
    ],
    ['XDocument.Parse("<a><b/></a>")', "((XDocument)$x).Root.Elements().Count().ToString()", "1"],
    ["1.5", "((double)$x + 1).ToString()", "2.5"],
    ["double.NaN", "double.IsNaN((double)$x).ToString()", "True"],
    ["1.10m", "((decimal)$x).ToString()", "1.10"],
    ["5L", "((long)$x).ToString()", "5"],
    ["(byte)7", "((byte)$x).ToString()", "7"],
    ["'c'", "((char)$x).ToString()", "c"],
    [
      "new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc)",
      '((DateTime)$x).ToString("o")',
      "2026-01-02T03:04:05.0000000Z",
    ],
    ["TimeSpan.FromMinutes(90)", "((TimeSpan)$x).TotalHours.ToString()", "1.5"],
    [
      'new Guid("0198c1f2-7c3a-7e51-9a51-000000000001")',
      "((Guid)$x).ToString()",
      "0198c1f2-7c3a-7e51-9a51-000000000001",
    ],
    ['new Uri("https://a.example/b?c")', "((Uri)$x).Host", "a.example"],
    ["StringComparison.Ordinal", "((StringComparison)$x).ToString()", "Ordinal"],
  ] as const) {
    it(made, () => assert.equal(afterwards(made, use), expected));
  }

  it("are copies: later changes of the one are not the other's", () => {
    const exchange = exchangeFor();
    exchange.setVariable("x", evaluateAny(csharp('@(new JObject(new JProperty("a", 1)))'), fixedClock)(exchange));
    const kept = encodeValue(exchange.variables?.get("x"));
    evaluateAny(csharp('@{ ((JObject)context.Variables["x"])["a"] = 2; return null; }'), fixedClock)(exchange);
    assert.equal(String(decodeValue(kept)), '{\n  "a": 1\n}');
  });

  it("are responses too, as C# holds them", () => {
    const exchange = exchangeFor();
    exchange.setVariable("r", new ReceivedResponse(201, "Made", exchange.request.headers, Buffer.from("body")));
    const kept = decodeValue(
      encodeValue(evaluateAny(csharp('@((IResponse)context.Variables["r"])'), fixedClock)(exchange)),
    );
    assert.ok(kept instanceof ReceivedResponse);
    assert.deepEqual([kept.status, kept.statusText, Buffer.from(kept.body).toString()], [201, "Made", "body"]);
  });

  for (const [what, made] of [
    ["what belongs to the request", "@(context.Request)"],
    ["an object of a type without a name", "@(new { A = 1 })"],
    ["a list that holds itself", "@{ var l = new List<object>(); l.Add(l); return l; }"],
    ["a tree that could not be read again", '@(new JObject(new JProperty("a", new JRaw("{"))))'],
    ["a member by itself", '@(new JProperty("a", 1))'],
    ["a sequence that is not there yet", "@(Enumerable.Range(1, 3).Select(n => n + 1))"],
  ] as const) {
    it(`are not ${what}`, () => {
      const value = evaluateAny(csharp(made), fixedClock)(exchangeFor());
      assert.throws(() => encodeValue(value), { code: "expression-failed" });
    });
  }
});
