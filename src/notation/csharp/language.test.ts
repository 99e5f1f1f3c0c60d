import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { textOf } from "./evaluate.test-helper.ts";

/** C# 7 and what it gives, as the language's specification has it. */
const cases: readonly (readonly [code: string, text: string])[] = [
  // Numbers: promotion, division, overflow.
  ["1 / 2 * 3 + 7 % 4", "3"],
  ['-7 / 2 + "|" + -7 % 3', "-3|-1"],
  ["7 / 2.0", "3.5"],
  ['1 / 0.0 + "|" + 0 / 0.0', "Infinity|NaN"],
  ["@{ var z = 0; return 1 / z; }", "! Attempted to divide by zero."],
  ["@{ var x = 2147483647; return x + 1; }", "-2147483648"],
  ["@{ var x = 2147483647; return checked(x + 1); }", "! Arithmetic operation resulted in an overflow."],
  ["@{ var x = 9223372036854775807; return x + 1; }", "-9223372036854775808"],
  ["2147483647 + 1L", "2147483648"],
  ["(byte)300 + (sbyte)200", "-12"],
  ["(int)3.9 + (int)-3.9", "0"],
  ["1 << 33", "2"],
  ["-8 >> 1", "-4"],
  ["0xFF & 0b1010 | 1", "11"],
  ["~5 ^ 3", "-7"],
  ["'a' + 'b'", "195"],
  ["(char)('a' + 1)", "b"],
  ["1.1m + 2.20m", "3.30"],
  ["10m / 3", "3.3333333333333333333333333333"],
  ["1.0m * 2", "2.0"],
  ["0.1 + 0.2", "0.30000000000000004"],
  ["0.1f + 0.2f", "0.3"],
  ["(long)int.MaxValue * 2", "4294967294"],
  ['@{ var x = uint.MaxValue; return x + 1 + "|" + (x + -1); }', "0|4294967294"],
  ["1_000_000", "1000000"],
  // Text.
  ["\"a\" + 1 + 2 + 'c' + true + null", "a12cTrue"],
  ['1 + 2 + "a"', "3a"],
  ['@"a\\""b"', 'a\\"b'],
  [String.raw`"\u0041\x42\tC"`, "AB\tC"],
  ['$"{1 + 1}{{}}{"x",3}{"y",-3}|{1.5:F2}"', "2{}  xy  |1.50"],
  ['$@"\\{(true ? "a" : "b")}"', "\\a"],
  ["nameof(context.Request) + nameof(String.Length)", "RequestLength"],
  // Equality.
  ["((bool?)null & false) == false && (false & (bool?)null) == false && (null | (bool?)true) == true", "True"],
  ["((bool?)null | false) == null && ((bool?)true & null) == null && !(bool?)null == null", "True"],
  ["((bool?)true & true).Value && !((bool?)false | false).Value", "True"],
  ['"ab" == "a" + "b"', "True"],
  ['(object)"ab" == "ab".ToLower()', "False"],
  ['((object)1).Equals(1L) + "|" + 1.Equals(1)', "False|True"],
  ["null == null", "True"],
  // Null.
  ["@{ string s = null; return s.Length; }", "! Object reference not set to an instance of an object."],
  ['@{ string s = null; return s?.Length.ToString() ?? "none"; }', "none"],
  ["@{ string s = null; return s?.Trim().ToUpper(); }", ""],
  ["@{ int? n = null; return n + 1; }", ""],
  ["@{ int? n = null; return n > 1 || n == null; }", "True"],
  ["@{ int? n = 3; return n.Value + n.GetValueOrDefault() + (n.HasValue ? 1 : 0); }", "7"],
  ["@{ int? n = null; return n.Value; }", "! Nullable object must have a value."],
  ['@{ string s = null; s ??= "x"; return s; }', "x"],
  ["(int?)null ?? 5", "5"],
  ['JObject.Parse("{a: [], b: 1}")["a"]?.Type == JTokenType.Array', "True"],
  ['JObject.Parse("{}")["a"]?.Type == JTokenType.Array || JObject.Parse("{}")["a"]?.Type != null', "False"],
  ["@{ DayOfWeek? d = null; return d != DayOfWeek.Friday && !(d < DayOfWeek.Friday) && d == null; }", "True"],
  ["@{ DayOfWeek? d = DayOfWeek.Monday; return d + 1 == DayOfWeek.Tuesday && DayOfWeek.Sunday < d; }", "True"],
  ['@{ var f = new Func<int, int>(n => n + 1); var p = new Func<string, int>(int.Parse); return f(p("4")); }', "5"],
  // A property that cannot be called hides no method of that name; one that can be called is.
  ['new List<string> { "a", "b" }.Count() + "|" + new List<int>().Count', "2|0"],
  ['JArray.Parse("[4, 5]").First() + "|" + JArray.Parse("[4, 5]").Last() + "|" + JArray.Parse("[4]").Count()', "4|5|1"],
  ['JArray.Parse("[{\\"a\\": 7}]").First().Value<string>("a") + JArray.Parse("[[8]]")[0]?.First()', "78"],
  ['new Dictionary<string, int> { { "a", 1 }, { "b", 2 } }.Keys.Count()', "2"],
  ["@{ var o = new { F = (Func<int, int>)(n => n + 1) }; return o.F(1); }", "2"],
  ['@{ dynamic d = JArray.Parse("[3]"); return d.Count; }', "1"],
  // Casts and patterns.
  ["@{ object o = 5L; return (int)o; }", "! Unable to cast object of type 'long' to type 'int'."],
  ["@{ object o = 5L; return (int)(long)o; }", "5"],
  ['@{ object o = "s"; return o as string + (o is string) + (o is int); }', "sTrueFalse"],
  ["@{ object o = 7; if (!(o is int n)) return -1; return n * 2; }", "14"],
  ["@{ object o = 7; return o is int n && n > 5 ? n : 0; }", "7"],
  ["@{ object o = null; return o is null; }", "True"],
  ["@{ object o = 1; return o is not string; }", "True"],
  ["@{ var n = 7; return n is > 5 and < 10; }", "True"],
  ['context.Request.Method switch { "GET" or "HEAD" => 1, _ => 2 }', "1"],
  [
    '@{ object o = 12; switch (o) { case string s: return s; case int i when i > 10: return "big"; default: return "other"; } }',
    "big",
  ],
  ['context.Request is { Method: "GET", IpAddress: var ip } ? ip : ""', "192.0.2.1"],
  // Statements.
  [
    "@{ var sum = 0; for (int i = 0, j = 10; i < j; i++, j--) { if (i == 2) continue; sum += i * j; } return sum; }",
    "54",
  ],
  ["@{ var n = 0; while (true) { if (++n > 4) break; } return n; }", "5"],
  ["@{ var n = 0; do { n++; } while (n < 3); return n; }", "3"],
  ['@{ var s = ""; foreach (var c in "abc") s = c + s; return s; }', "cba"],
  ['@{ switch ("b") { case "a": case "b": return 1; default: return 2; } }', "1"],
  ['@{ const int a = 3; const string b = "x" + "y"; switch (3) { case a: return b; } return ""; }', "xy"],
  [
    '@{ var log = ""; try { log += "t"; throw new ArgumentException("bad"); } catch (FormatException) { log += "f"; } catch (Exception e) when (e.Message == "bad") { log += "c"; } finally { log += "!"; } return log; }',
    "tc!",
  ],
  ['@{ try { try { int.Parse("x"); return 0; } catch { throw; } } catch (FormatException) { return 1; } }', "1"],
  ["@{ try { return 1; } finally { var x = 2; } }", "1"],
  ['@{ string f(int n) => n == 0 ? "" : f(n - 1) + n; return f(3); }', "123"],
  ["@{ return even(10); bool even(int n) => n == 0 || odd(n - 1); bool odd(int n) => n != 0 && even(n - 1); }", "True"],
  [
    "@{ var fs = new List<Func<int>>(); foreach (var i in new[] { 1, 2, 3 }) fs.Add(() => i * i); return fs.Sum(f => f()); }",
    "14",
  ],
  ["@{ var n = 0; Action add = () => n++; add(); add(); return n; }", "2"],
  ["@{ Func<int, Func<int, int>> add = a => b => a + b; return add(1)(2); }", "3"],
  ['@{ var (a, b) = (1, "x"); (int n, string s) t = (2, "y"); return a + b + t.n + t.s + t.Item1; }', "1x2y2"],
  ["@{ int a = 1, b = 2; (a, b) = (b, a); return a * 10 + b; }", "21"],
  ['@{ using (var r = new StringReader("a\\nb")) { return r.ReadLine(); } }', "a"],
  ['@{ if (!int.TryParse("42", out var v)) return -1; return v; }', "42"],
  ['@{ int v; return int.TryParse("x", out v) ? v : v - 1; }', "-1"],
  [
    '@{ var d = new Dictionary<string, int> { ["a"] = 1 }; d["a"]++; d["c"] = d["a"] += 5; return string.Join(",", d.Select(k => k.Key + k.Value)); }',
    "a7,c7",
  ],
  ["@{ var l = new List<int> { 1, 2 }; l[0] += 5; return l[0]--; }", "6"],
  ["@{ var a = new int[2, 2]; a[1, 0] = 5; return a[1, 0] + a[0, 0]; }", "5"],
  ["@{ var a = new[] { 1, 2.5 }; return a[0]; }", "1"],
  [
    '@{ var a = new { Name = "x", context.Request.Method }; return a.Name + a.Method + a; }',
    "xGET{ Name = x, Method = GET }",
  ],
  ['@{ int[] a = { 3, 1, 2 }; Array.Sort(a); return string.Join("", a); }', "123"],
  // Late binding.
  [
    '@{ dynamic b = JObject.Parse("{\\"foo\\":{\\"bar\\":\\"x\\",\\"n\\":5,\\"l\\":[1,2]}}"); string s = b.foo.bar; return s + (b.foo.bar == "x") + (b.foo.n + 1) + b.foo.bar.ToUpper() + (b.zip == null) + b.foo.l[1]; }',
    "xTrue6XTrue2",
  ],
  ['@{ dynamic b = new JObject(); b.a = 5; return b.a > 3 ? b.ToString(Formatting.None) : ""; }', '{"a":5}'],
  ["@{ dynamic x = 5; return x.Foo; }", "! 'int' has no member 'Foo' here"],
  ['@{ var t = 0; dynamic b = JArray.Parse("[{a:1},{a:2}]"); foreach (var i in b) t += (int)i.a; return t; }', "3"],
  // Queries.
  [
    'string.Join(";", from x in new[] { 1, 2, 3 } let y = x * 2 where y > 2 orderby y descending select $"{x}:{y}")',
    "3:6;2:4",
  ],
  ['string.Join(",", from a in new[] { 1, 2 } from b in new[] { 10, 20 } select a + b)', "11,21,12,22"],
  [
    'string.Join(",", from w in new[] { "ab", "a", "bc" } group w by w[0] into g select g.Key + "=" + g.Count())',
    "a=2,b=1",
  ],
  [
    'string.Join(",", from a in new[] { 1, 2 } join b in new[] { "1x", "2y" } on a.ToString() equals b.Substring(0, 1) select a + b)',
    "11x,22y",
  ],
];

describe("C# of policy expressions", () => {
  for (const [code, text] of cases) it(code.slice(0, 100), () => assert.equal(textOf(code), text));
});
