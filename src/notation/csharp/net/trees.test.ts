import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { textOf } from "#notation/csharp/evaluate.test-helper.ts";

/** What Newtonsoft.Json, System.Xml.Linq and System.Text.RegularExpressions give. */
const cases: Readonly<Record<string, readonly (readonly [code: string, text: string])[]>> = {
  JSON: [
    [
      'JObject.Parse("{\\"b\\":1,\\"2\\":2,\\"1\\":[1.0,1e3,true,null]}").ToString(Formatting.None)',
      '{"b":1,"2":2,"1":[1.0,1000.0,true,null]}',
    ],
    ["JObject.Parse(\"{a:'x', /* c */ b:[1,],}\").ToString()", '{\n  "a": "x",\n  "b": [\n    1\n  ]\n}'],
    [
      'JToken.Parse("{} x")',
      "! Additional text encountered after finished reading JSON content: x. Path '', line 1, position 3.",
    ],
    ['JObject.Parse("{\\"a\\":1,\\"a\\":2}")["a"]', "2"],
    ['JObject.Parse("{}")["x"] == null', "True"],
    ['string.Join("|", JArray.Parse("[[1, 2], 3]").Values().Concat(JObject.Parse("{a: 4}").Values()))', "1|2|3|4"],
    ['JArray.Parse("[1, 2]").Values<int>().Sum()', "3"],
    [
      '@{ var o = JObject.Parse("{\\"a\\":[1,{\\"k\\":1}],\\"n\\":1}"); o.Merge(JObject.Parse("{\\"a\\":[1,{\\"l\\":2},3],\\"n\\":null}"), new JsonMergeSettings()); return o.ToString(Formatting.None); }',
      '{"a":[1,{"k":1},1,{"l":2},3],"n":1}',
    ],
    [
      '@{ var o = JObject.Parse("{\\"a\\":[1,{\\"k\\":1}],\\"n\\":1}"); o.Merge(JObject.Parse("{\\"a\\":[1,{\\"l\\":2},3],\\"n\\":null}"), new JsonMergeSettings { MergeArrayHandling = MergeArrayHandling.Union }); return o.ToString(Formatting.None); }',
      '{"a":[1,{"k":1},{"l":2},3],"n":1}',
    ],
    [
      '@{ var o = JObject.Parse("{\\"a\\":[1,{\\"k\\":1}],\\"n\\":1}"); o.Merge(JObject.Parse("{\\"a\\":[1,{\\"l\\":2},3],\\"n\\":null}"), new JsonMergeSettings { MergeArrayHandling = MergeArrayHandling.Replace, MergeNullValueHandling = MergeNullValueHandling.Merge }); return o.ToString(Formatting.None); }',
      '{"a":[1,{"l":2},3],"n":null}',
    ],
    [
      '@{ var o = JObject.Parse("{\\"a\\":[1,{\\"k\\":1}],\\"n\\":1}"); o.Merge(JObject.Parse("{\\"a\\":[1,{\\"l\\":2},3],\\"n\\":null}"), new JsonMergeSettings { MergeArrayHandling = MergeArrayHandling.Merge }); return o.ToString(Formatting.None); }',
      '{"a":[1,{"k":1,"l":2},3],"n":1}',
    ],
    ['JObject.Parse("{\\"x\\":null}")["x"] == null', "False"],
    ['JObject.Parse("{\\"x\\":null}")["x"].Type', "Null"],
    ['(string)JObject.Parse("{\\"x\\":null}")["x"] == null', "True"],
    ['(int)JObject.Parse("{}")["x"]', "! Value cannot be null. (Parameter 'value')"],
    ['(int?)JObject.Parse("{}")["x"] ?? 7', "7"],
    ['(int)JObject.Parse("{\\"x\\":\\"12\\"}")["x"] + (double)JToken.Parse("1.5")', "13.5"],
    ['(string)JToken.Parse("true") + JToken.Parse("1.0") + (string)JToken.Parse("\\"s\\"")', "True1s"],
    ['(string)JToken.Parse("{}")', "! Can not convert Object to String."],
    ['JToken.Parse("\\"2026-01-02T03:04:05Z\\"").ToString()', "01/02/2026 03:04:05"],
    [
      'JObject.Parse("{\\"d\\":\\"2026-01-02T03:04:05.100+01:00\\"}").ToString(Formatting.None)',
      '{"d":"2026-01-02T02:04:05.1+00:00"}',
    ],
    ['JObject.Parse("{\\"a\\":{\\"b\\":[{\\"c\\":1},{\\"c\\":2}]}}").SelectToken("$.a.b[1].c")', "2"],
    [
      'string.Join(",", JObject.Parse("{\\"a\\":[{\\"n\\":1,\\"t\\":\\"x\\"},{\\"n\\":5,\\"t\\":\\"y\\"}]}").SelectTokens("$.a[?(@.n > 2 && @.t == \'y\')].t"))',
      "y",
    ],
    ['string.Join(",", JToken.Parse("{\\"a\\":{\\"c\\":1},\\"b\\":{\\"c\\":2}}").SelectTokens("..c"))', "1,2"],
    ['JObject.Parse("{\\"a\\":[1,2]}").SelectToken("a[-1:]")', "2"],
    [
      'new JObject(new JProperty("a", 1), new JProperty("b", new JArray(1, "2", 3.5))).ToString(Formatting.None)',
      '{"a":1,"b":[1,"2",3.5]}',
    ],
    [
      'new JObject { ["a"] = 1, ["b"] = new JObject { { "c", true } } }.ToString(Formatting.None)',
      '{"a":1,"b":{"c":true}}',
    ],
    [
      '@{ var o = new JObject(); o.Add("a", 1); o.Add("a", 2); return o; }',
      "! Can not add property a to Newtonsoft.Json.Linq.JObject. Property with the same name already exists on object.",
    ],
    [
      '@{ var o = JObject.Parse("{\\"a\\":1,\\"b\\":2}"); o.Property("a").Remove(); o["b"].Replace("x"); o["c"] = null; return o.ToString(Formatting.None); }',
      '{"b":"x","c":null}',
    ],
    [
      '@{ var s = ""; foreach (var p in JObject.Parse("{\\"a\\":1,\\"b\\":2}")) s += p.Key + p.Value; return s; }',
      "a1b2",
    ],
    [
      '@{ var s = ""; foreach (JProperty p in (JToken)JObject.Parse("{\\"a\\":1}")) s += p.Name + p.Value; return s; }',
      "a1",
    ],
    ['string.Join(",", JObject.Parse("{\\"a\\":1,\\"b\\":2}").Properties().Select(p => p.Name))', "a,b"],
    ['JArray.Parse("[1,2,3]").Where(t => (int)t > 1).Sum(t => t.Value<int>())', "5"],
    [
      'string.Join(",", JArray.Parse("[1,2]").ToObject<List<string>>()) + JToken.Parse("[1]").ToObject<int[]>()[0]',
      "1,21",
    ],
    ['JsonConvert.DeserializeObject<Dictionary<string, int>>("{\\"a\\":1}")["a"]', "1"],
    [
      'JsonConvert.SerializeObject(new { a = 1, b = "é\\u2028/\\"", c = new byte[] { 1 }, d = new DateTime(2026, 1, 2), e = 1.0, f = 1.10m })',
      '{"a":1,"b":"é\\u2028/\\"","c":"AQ==","d":"2026-01-02T00:00:00","e":1.0,"f":1.10}',
    ],
    [
      'JsonConvert.SerializeObject(new Dictionary<string, object> { ["a"] = new List<int> { 1 }, ["b"] = null })',
      '{"a":[1],"b":null}',
    ],
    ["JsonConvert.SerializeObject(new[] { 1, 2 }, Formatting.Indented)", "[\n  1,\n  2\n]"],
    ['JToken.DeepEquals(JToken.Parse("{\\"a\\":1,\\"b\\":2}"), JToken.Parse("{\\"b\\":2,\\"a\\":1}"))', "True"],
    [
      'JObject.Parse("{\\"a\\":[{}]}").SelectToken("a[0]").Path + JObject.Parse("{\\"a\\":[1,{\\"b\\":2}]}").Descendants().Count()',
      "a[0]6",
    ],
    ['JObject.FromObject(new { a = new { b = 1 } })["a"]["b"]', "1"],
    ['JToken.Parse("[1]")["a"]', '! Accessed JArray values with invalid key value: "a". Int32 array index expected.'],
    ['JToken.Parse("1")["a"]', "! Cannot access child value on Newtonsoft.Json.Linq.JValue."],
  ],
  XML: [
    ['XElement.Parse("<a x=\\"1\\"><b>t</b> <c/></a>").ToString()', '<a x="1">\n  <b>t</b>\n  <c />\n</a>'],
    [
      '@{ XNamespace ns = "urn:x"; return new XElement(ns + "a", new XAttribute("k", 5), new XElement(ns + "b", "t<"), new XElement("c", true)).ToString(SaveOptions.DisableFormatting); }',
      '<a k="5" xmlns="urn:x"><b>t&lt;</b><c xmlns="">true</c></a>',
    ],
    ['XDocument.Parse("<a><b n=\\"1\\"/><b n=\\"2\\"/></a>").Descendants("b").Sum(b => (int)b.Attribute("n"))', "3"],
    [
      'XElement.Parse("<s:E xmlns:s=\\"urn:s\\"><s:B>x</s:B></s:E>").Descendants().First(e => e.Name.LocalName == "B").Value',
      "x",
    ],
    [
      'XElement.Parse("<s:E xmlns:s=\\"urn:s\\"><s:B>x</s:B></s:E>").Element(XName.Get("B", "urn:s")).ToString()',
      '<s:B xmlns:s="urn:s">x</s:B>',
    ],
    ['XElement.Parse("<a><b>1</b></a>").Element("c")?.Value ?? "none"', "none"],
    [
      'XElement.Parse("<!DOCTYPE a [<!ENTITY x \\"y\\">]><a>&x;</a>")',
      "! For security reasons DTD is prohibited in this XML document.",
    ],
    [
      '@{ var x = XElement.Parse("<a><b>1</b></a>"); x.SetElementValue("b", 2); x.Add(new XElement("d", "z")); x.Element("d").Remove(); return x.ToString(SaveOptions.DisableFormatting); }',
      "<a><b>2</b></a>",
    ],
  ],
  Regex: [
    ['Regex.IsMatch("abc123", @"^[a-z]+\\d+$")', "True"],
    ['Regex.Match("max-age=60, x", @"max-age=(?<m>\\d+)").Groups["m"].Value', "60"],
    ['Regex.Match("xyz", "a").Success + Regex.Match("xyz", "a").Groups[1].Value', "False"],
    [
      'Regex.Replace("a1b22", @"(\\d+)", "<$1>") + Regex.Replace("ab", "(?<x>.)", m => m.Groups["x"].Value.ToUpper())',
      "a<1>b<22>AB",
    ],
    [
      'string.Join("|", Regex.Matches("a,b;c", "[^,;]").Cast<Match>().Select(m => m.Value)) + string.Join("|", Regex.Split("a1b2c", @"\\d"))',
      "a|b|ca|b|c",
    ],
    ['Regex.Match("AbC", "b", RegexOptions.IgnoreCase).Index', "1"],
    ['Regex.IsMatch("abc\\n", "c$") + "" + Regex.IsMatch("abc\\n", @"c\\z")', "TrueFalse"],
    [
      'Regex.Match("foobar", "(?<=foo)bar").Value + Regex.IsMatch("aa", @"(a)\\1") + Regex.IsMatch("ab", "a(?!b)")',
      "barTrueFalse",
    ],
    ['Regex.Match("x(a(b)c)", @"\\((?>[^()]+|\\((?<d>)|\\)(?<-d>))*(?(d)(?!))\\)").Value', "(a(b)c)"],
    ['Regex.Replace("hello", "[a-z-[aeiou]]", ".") + Regex.Escape("a.b*")', ".e..oa\\.b\\*"],
    ['Regex.Match("2020-01", @"(\\d{4})-(\\d\\d)").Result("$2/$1")', "01/2020"],
    [
      'Regex.Replace("aA", "a", "b", RegexOptions.IgnoreCase, TimeSpan.FromSeconds(1)) + Regex.Replace("aA", "a", m => "c", RegexOptions.IgnoreCase, TimeSpan.FromSeconds(1))',
      "bbcc",
    ],
    [
      'Regex.Matches("aA", "a", RegexOptions.IgnoreCase, TimeSpan.FromSeconds(1)).Count + "" + Regex.Split("xay", "A", RegexOptions.IgnoreCase, TimeSpan.FromSeconds(1)).Length',
      "22",
    ],
    ['Regex.IsMatch("abc", "(")', "! Invalid pattern '(' at offset 1. Not enough )'s."],
    ['Regex.IsMatch(new string(\'a\', 40) + "!", "^(a+)+$")', "False"],
    ['Regex.IsMatch(new string(\'a\', 40) + "!", "^(?=a)(a+)+$")', "! the expression takes too many steps"],
    ['new Regex(@"^\\w+$").IsMatch("é_1") && Regex.IsMatch("x", "(?i)X")', "True"],
  ],
};

for (const [name, list] of Object.entries(cases)) {
  describe(name, () => {
    for (const [code, text] of list) it(code.slice(0, 100), () => assert.equal(textOf(code), text));
  });
}
