import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { textOf } from "#notation/csharp/evaluate.test-helper.ts";

/** Results as .NET's documentation has them, under the invariant culture. */
const cases: Readonly<Record<string, readonly (readonly [code: string, text: string])[]>> = {
  String: [
    ["\"a,b,,c\".Split(',').Length", "4"],
    ['string.Join("|", "a,b,,c".Split(new[] { \',\' }, StringSplitOptions.RemoveEmptyEntries))', "a|b|c"],
    ['string.Join("|", "a,b,c".Split(\',\', 2))', "a|b,c"],
    ['string.Join("|", " a  b ".Split())', "|a||b|"],
    ['string.Join("|", "a--b-c".Split(new[] { "--" }, StringSplitOptions.None))', "a|b-c"],
    ['"abc".Substring(1) + "abc".Substring(0, 2)', "bcab"],
    ['"abc".Substring(4)', "! Specified argument was out of the range of valid values. (Parameter 'startIndex')"],
    ['"abcabc".IndexOf("c") + "abcabc".LastIndexOf("c") + "abc".IndexOf("x")', "6"],
    ['"" + "abc".IndexOf(\'c\') + "ABC".IndexOf("b", StringComparison.OrdinalIgnoreCase)', "21"],
    ['"aXbX".Replace("X", "") + "aXb".Replace(\'X\', \'-\')', "aba-b"],
    ['"a".Replace("", "b")', "! String cannot be of zero length. (Parameter 'oldValue')"],
    ['"[" + " a\\t".Trim() + "/a/".Trim(\'/\') + "xxa".TrimStart(\'x\') + "ayx".TrimEnd(\'x\', \'y\') + "]"', "[aaaa]"],
    ['"7".PadLeft(3, \'0\') + "|" + "a".PadRight(3) + "|"', "007|a  |"],
    ['"abc".Insert(1, "-") + "abc".Remove(1) + "abc".Remove(1, 1)', "a-bcaac"],
    ['string.Format("{0,-5}|{1:D3}|{{}}|{0}", "a", 7)', "a    |007|{}|a"],
    [
      'string.Format("{1}", 1)',
      "! Index (zero based) must be greater than or equal to zero and less than the size of the argument list.",
    ],
    ['string.Compare("a", "B", StringComparison.Ordinal) > 0', "True"],
    ['string.Compare("a", "A", true)', "0"],
    ['"a".Equals("A", StringComparison.OrdinalIgnoreCase)', "True"],
    ['"Straße".ToUpperInvariant().Length + "İ".Length', "7"],
    [
      '"abc".Contains("B", StringComparison.OrdinalIgnoreCase) && "abc".StartsWith("ab") && "abc".EndsWith("BC", StringComparison.OrdinalIgnoreCase)',
      "True",
    ],
    ["new string('a', 3) + new string(\"xyz\".Reverse().ToArray())", "aaazyx"],
    ['"abc"[1] + "|" + (int)"abc"[0]', "b|97"],
    ['"abc"[3]', "! Index was outside the bounds of the array."],
    ['string.IsNullOrWhiteSpace(" ") && string.IsNullOrEmpty("") && !string.IsNullOrEmpty(" ")', "True"],
    ['string.Concat("a", 1, null, true)', "a1True"],
    ['string.Join(",", new object[] { 1, "a", null, 2.5 })', "1,a,,2.5"],
  ],
  Numbers: [
    ['int.Parse(" 12 ") + int.Parse("-3")', "9"],
    ['int.Parse("1.5")', "! The input string '1.5' was not in a correct format."],
    ['int.Parse("3000000000")', "! Value was either too large or too small for an Int32."],
    ["int.Parse((string)null)", "! Value cannot be null. (Parameter 's')"],
    ['int.Parse("ff", NumberStyles.HexNumber)', "255"],
    ['double.Parse("1,234.5") + double.Parse("1e3")', "2234.5"],
    ['decimal.Parse("1.10").ToString()', "1.10"],
    ['Convert.ToInt32(2.5) + Convert.ToInt32(3.5) + Convert.ToInt32("7")', "13"],
    ["Convert.ToInt32((string)null) + Convert.ToInt32(true)", "1"],
    ['Convert.ToBoolean("1")', "! String '1' was not recognized as a valid Boolean."],
    ['bool.Parse("TRUE") && Convert.ToBoolean("true") && !Convert.ToBoolean((string)null)', "True"],
    ['Convert.ToString(255, 16) + Convert.ToString(5, 2) + Convert.ToInt32("ff", 16)', "ff101255"],
    [
      '1e15 + "|" + 1e14 + "|" + 123456.789 + "|" + 1e-5 + "|" + 0.0001',
      "1E+15|100000000000000|123456.789|1E-05|0.0001",
    ],
    ['1.0f / 3 + "|" + 1.0 / 3', "0.33333334|0.3333333333333333"],
    [
      '1234.5678.ToString("F2") + "|" + 1234.5678.ToString("N1") + "|" + 0.5.ToString("P0") + "|" + 255.ToString("X") + "|" + 255.ToString("x4")',
      "1234.57|1,234.6|50 %|FF|00ff",
    ],
    [
      '5.ToString("D3") + "|" + (-5).ToString("D3") + "|" + 12345.6789.ToString("E2") + "|" + 0.00012.ToString("G2")',
      "005|-005|1.23E+004|0.00012",
    ],
    [
      '1234.5.ToString("#,##0.00") + "|" + 0.5.ToString("0%") + "|" + 7.ToString("000") + "|" + 1.5.ToString("0.###") + "|" + (-1.5).ToString("0.0;(0.0)")',
      "1,234.50|50%|007|1.5|(1.5)",
    ],
    ["Math.Round(2.5) + Math.Round(3.5) + Math.Round(2.345, 2, MidpointRounding.AwayFromZero)", "8.35"],
    [
      "Math.Max(1, 2L) + Math.Min(3, 4.5) + Math.Abs(-2) + Math.Pow(2, 10) + Math.Floor(-1.5) + Math.Ceiling(1.2)",
      "1031",
    ],
    ['int.MaxValue + "|" + long.MinValue + "|" + byte.MaxValue', "2147483647|-9223372036854775808|255"],
    ["5.CompareTo(7) + (5 == 5.0 ? 10 : 0)", "9"],
    ["char.IsDigit('5') && char.IsLetter('é') && char.IsUpper('A') && char.ToUpper('a') == 'A'", "True"],
  ],
  Dates: [
    ["new DateTime(2026, 1, 2, 3, 4, 5).ToString()", "01/02/2026 03:04:05"],
    ['new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc).ToString("o")', "2026-01-02T03:04:05.0000000Z"],
    ['DateTime.UtcNow.ToString("yyyy-MM-ddTHH:mm:ss.fffZ")', "2026-01-02T03:04:05.678Z"],
    [
      'DateTime.UtcNow.ToString("R") + "|" + DateTime.UtcNow.ToString("s") + "|" + DateTime.UtcNow.ToString("u")',
      "Fri, 02 Jan 2026 03:04:05 GMT|2026-01-02T03:04:05|2026-01-02 03:04:05Z",
    ],
    ["DateTime.UtcNow.ToString(\"dddd d MMM yy h:mm tt 'o''clock'\")", "Friday 2 Jan 26 3:04 AM oclock"],
    ['DateTime.Parse("2026-01-02T03:04:05+02:00").ToString("o")', "2026-01-02T01:04:05.0000000+00:00"],
    [
      'DateTime.Parse("01/02/2026").ToString("yyyy-MM-dd") + DateTime.Parse("x")',
      "! String 'x' was not recognized as a valid DateTime.",
    ],
    ['DateTime.ParseExact("20260102", "yyyyMMdd", CultureInfo.InvariantCulture).DayOfWeek', "Friday"],
    ['DateTime.TryParse("nonsense", out var d) + "|" + d.Year', "False|1"],
    ["(new DateTime(2026, 3, 1) - new DateTime(2026, 2, 1)).TotalDays", "28"],
    ["new DateTime(2024, 1, 31).AddMonths(1).Day + new DateTime(2024, 2, 29).AddYears(1).DayOfYear", "88"],
    ['DateTimeOffset.FromUnixTimeSeconds(1767323045).ToString("o")', "2026-01-02T03:04:05.0000000+00:00"],
    [
      'DateTimeOffset.UtcNow.ToUnixTimeSeconds() + "|" + DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()',
      "1767323045|1767323045678",
    ],
    ["new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(2)).ToUnixTimeSeconds()", "1767315845"],
    ["(int)(DateTime.UtcNow - new DateTime(1970, 1, 1, 0, 0, 0, DateTimeKind.Utc)).TotalSeconds", "1767323045"],
    [
      'TimeSpan.FromMinutes(90) + "|" + TimeSpan.FromDays(1.5) + "|" + TimeSpan.FromMilliseconds(1.5)',
      "01:30:00|1.12:00:00|00:00:00.0015000",
    ],
    [
      'TimeSpan.Parse("1.02:03:04").TotalHours + "|" + new TimeSpan(1, 2, 3).ToString(@"hh\\:mm")',
      "26.051111111111112|01:02",
    ],
    ["DateTime.UtcNow > DateTime.MinValue && DateTime.UtcNow.Date <= DateTime.UtcNow", "True"],
    ["new DateTime(2026, 2, 30)", "! Year, Month, and Day parameters describe an un-representable DateTime."],
  ],
  "Time zones": [
    [
      'TimeZoneInfo.ConvertTimeBySystemTimeZoneId(new DateTime(2026, 7, 1, 12, 0, 0), "Eastern Standard Time")',
      "07/01/2026 08:00:00",
    ],
    [
      'TimeZoneInfo.ConvertTimeToUtc(new DateTime(2026, 1, 1, 12, 0, 0), TimeZoneInfo.FindSystemTimeZoneById("W. Europe Standard Time")).ToString("o")',
      "2026-01-01T11:00:00.0000000Z",
    ],
    [
      'TimeZoneInfo.FindSystemTimeZoneById("Nowhere")',
      "! The time zone ID 'Nowhere' was not found on the local computer.",
    ],
  ],
  Collections: [
    ['string.Join(",", new[] { "b", "A", "a", "B" }.OrderBy(x => x))', "a,A,b,B"],
    ['string.Join(",", new[] { "bb", "a", "cc" }.OrderByDescending(x => x.Length).ThenBy(x => x))', "bb,cc,a"],
    [
      'new[] { 1, 2, 3 }.Sum() + new[] { 1, 2, 3 }.Max() + new[] { 1.5, 2.5 }.Average() + new[] { "a", "bb" }.Sum(x => x.Length)',
      "14",
    ],
    ["new int[0].Max()", "! Sequence contains no elements"],
    ['new int[0].FirstOrDefault() + (new string[0].FirstOrDefault() ?? "none")', "0none"],
    ["new[] { 1, 2 }.Single()", "! Sequence contains more than one element"],
    ['string.Join(",", Enumerable.Range(1, 5).Skip(1).Take(3).Reverse().Concat(new[] { 9 }).Distinct())', "4,3,2,9"],
    ['string.Join(",", new[] { 1, 2, 3 }.Zip(new[] { "a", "b" }, (n, s) => n + s))', "1a,2b"],
    ['new[] { 1, 2, 3 }.Aggregate((a, b) => a * b) + new[] { 1, 2 }.Aggregate("", (s, n) => s + n)', "612"],
    ['string.Join(",", new[] { "a", "b", "a" }.GroupBy(x => x).Select(g => g.Key + g.Count()))', "a2,b1"],
    ['new[] { "a", "b" }.ToDictionary(x => x, x => x + x)["b"]', "bb"],
    [
      'new[] { 1, 2 }.Any(x => x > 1) && new[] { 1, 2 }.All(x => x > 0) && new[] { "A" }.Contains("a", StringComparer.OrdinalIgnoreCase)',
      "True",
    ],
    ['new object[] { 1, "a", 2L }.OfType<string>().Count() + new object[] { 1, 2 }.Cast<int>().Sum()', "4"],
    ['new Dictionary<string, int>()["x"]', "! The given key 'x' was not present in the dictionary."],
    [
      '@{ var d = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase) { { "A", 1 } }; d.Add("a", 2); return 0; }',
      "! An item with the same key has already been added. Key: a",
    ],
    [
      "@{ var l = new List<int> { 1, 2 }; foreach (var x in l) l.Add(x); return 0; }",
      "! Collection was modified; enumeration operation may not execute.",
    ],
    [
      '@{ var l = new List<int> { 3, 1, 2 }; l.Sort(); l.RemoveAll(x => x == 2); l.Insert(0, 9); return string.Join(",", l) + l.IndexOf(3) + l.Exists(x => x > 5); }',
      "9,1,32True",
    ],
    ['@{ var s = new HashSet<string> { "a" }; return s.Add("a") + "" + s.Add("b") + s.Count; }', "FalseTrue2"],
    [
      "@{ var q = new Queue<int>(); q.Enqueue(1); q.Enqueue(2); var s = new Stack<int>(); s.Push(1); s.Push(2); return q.Dequeue() * 10 + s.Pop(); }",
      "12",
    ],
    [
      "@{ var deferred = new List<int> { 1 }; var q = deferred.Where(x => x > 0); deferred.Add(2); return q.Count(); }",
      "2",
    ],
    ['Array.Exists(new[] { "a" }, x => x == "a") && Array.IndexOf(new[] { 1, 2 }, 2) == 1', "True"],
    ["new[] { 1, 2 }[5]", "! Index was outside the bounds of the array."],
    ["new[] { 1, 2 }.ElementAt(5)", "! Specified argument was out of the range of valid values. (Parameter 'index')"],
    ['Tuple.Create(1, "a").Item2 + new KeyValuePair<string, int>("k", 1).Key', "ak"],
  ],
  "Texts and bytes": [
    [
      'Convert.ToBase64String(Encoding.UTF8.GetBytes("hä?")) + Encoding.ASCII.GetString(Encoding.ASCII.GetBytes("ä"))',
      "aMOkPw==?",
    ],
    ['Encoding.UTF8.GetString(Convert.FromBase64String("aGk= "))', "hi"],
    ['Convert.FromBase64String("aGk")', "! Invalid length for a Base-64 char array or string."],
    [
      'BitConverter.ToString(Encoding.Unicode.GetBytes("a")) + BitConverter.ToString(BitConverter.GetBytes(258))',
      "61-0002-01-00-00",
    ],
    [
      'new StringBuilder("a").Append(1).AppendFormat("{0:D2}", 3).Append(\'x\', 2).Replace("a", "b").Insert(0, "<").ToString()',
      "<b103xx",
    ],
    ['Guid.Parse("x")', "! Unrecognized Guid format."],
    [
      'Guid.Parse("{01234567-89AB-CDEF-0123-456789ABCDEF}").ToString("N") + Guid.Empty',
      "0123456789abcdef0123456789abcdef00000000-0000-0000-0000-000000000000",
    ],
    ["Guid.NewGuid() == Guid.NewGuid() || new Guid(Guid.Empty.ToByteArray()) == Guid.Empty", "True"],
    [
      'Uri.EscapeDataString("a b!\'()*/é") + "|" + Uri.UnescapeDataString("a%20b+c")',
      "a%20b%21%27%28%29%2A%2F%C3%A9|a b+c",
    ],
    [
      'WebUtility.UrlEncode("a b/é!*()") + WebUtility.UrlDecode("a+b%2F") + WebUtility.HtmlEncode("<a b=\'c\'>&") + WebUtility.HtmlDecode("&lt;&#39;&amp;")',
      "a+b%2F%C3%A9!*()a b/&lt;a b=&#39;c&#39;&gt;&amp;<'&",
    ],
    [
      'new Uri("https://u@h.example:8443/a/b?x=1#f").PathAndQuery + new Uri("http://h").Port + new Uri("https://h/a/b?q").GetLeftPart(UriPartial.Path)',
      "/a/b?x=180https://h/a/b",
    ],
    ['string.Join("|", new Uri("http://h/a/b").Segments) + new Uri(new Uri("http://h/a/"), "c")', "/|a/|bhttp://h/a/c"],
    ['new Uri("nonsense")', "! Invalid URI: The format of the URI could not be determined."],
    [
      'BitConverter.ToString(SHA256.Create().ComputeHash(Encoding.UTF8.GetBytes("abc"))).Replace("-", "").Substring(0, 8)',
      "BA7816BF",
    ],
    [
      'Convert.ToBase64String(new HMACSHA256(Encoding.UTF8.GetBytes("key")).ComputeHash(Encoding.UTF8.GetBytes("The quick brown fox jumps over the lazy dog")))',
      "97yD9DBThCSxMpjmqm+xQ+9NWaFJRhdZl0edvC0aPNg=",
    ],
    [
      'Encoding.UTF8.GetString(Encoding.UTF8.GetBytes("text").Encrypt("Aes", new byte[16], new byte[16]).Decrypt("Aes", new byte[16], new byte[16]))',
      "text",
    ],
    [
      'new byte[3].Encrypt("Aes", new byte[5], new byte[16])',
      "! Specified key is not a valid size for this algorithm.",
    ],
    ['"Basic dTpwOnE=".AsBasic().UserId + "Basic dTpwOnE=".AsBasic().Password + ("x".AsBasic() == null)', "up:qTrue"],
    [
      '"Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJtZSIsImF1ZCI6WyJhIiwiYiJdLCJhZG1pbiI6dHJ1ZX0.".Replace("0.", "0.").AsJwt() == null',
      "False",
    ],
  ],
};

for (const [name, list] of Object.entries(cases)) {
  describe(name, () => {
    for (const [code, text] of list) it(code.slice(0, 100), () => assert.equal(textOf(code), text));
  });
}
