import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DateDrop } from "./date-drop.ts";
import { parseLiquid, renderLiquid } from "./engine.ts";
import { formatNetDate, parseNetDate } from "./net-date.ts";

const scope = {
  s: "the Quick fox",
  n: -7.5,
  five: 5,
  list: [3, 1, null, 3, 2],
  items: [{ name: "b" }, { name: "a" }, {}],
  html: '<p>a<!-- > --><script>x<y</script><b class="c">b</b> < c',
  lines: "a\r\nb\nc",
  empty: "",
};

/** Filters with what they make of it. */
const cases: readonly (readonly [string, string])[] = [
  ["n | Abs", "7.5"],
  ["s | Append: '!'", "the Quick fox!"],
  ["five | AtLeast: 7", "7"],
  ["five | AtMost: 3", "3"],
  ["'ab CD' | Capitalize", "Ab CD"],
  ["list | Compact | Size", "4"],
  ["1234.5 | Currency", "¤1,234.50"],
  ["'2026-02-03' | Date: 'd'", "02/03/2026"],
  ["'2026-02-03T04:05:06' | Date", "02/03/2026 04:05:06"],
  ["'soon' | Date: 'd'", "soon"],
  ["empty | Default: 'x'", "x"],
  ["s | Default: 'x'", "the Quick fox"],
  ["five | DividedBy: 2", "2"],
  ["five | DividedBy: 2.5", "2"],
  ["7 | DividedBy: 2.0", "3"],
  ["n | DividedBy: 2", "-3.75"],
  ["s | Downcase", "the quick fox"],
  [`'<a href="x">&</a>' | Escape`, "&lt;a href=&quot;x&quot;&gt;&amp;&lt;/a&gt;"],
  ["list | First", "3"],
  ["'<' | H", "&lt;"],
  ["list | Join: '-'", "3-1--3-2"],
  ["list | Last", "2"],
  ["'  a ' | Lstrip", "a "],
  ["items | Map: 'name' | Join: ','", "b,a,"],
  ["five | Minus: 7", "-2"],
  ["n | Modulo: 2", "-1.5"],
  ["lines | NewlineToBr", "a<br />\nb<br />\nc"],
  ["five | Plus: '2'", "7"],
  ["s | Prepend: '>'", ">the Quick fox"],
  ["'abab' | Remove: 'a'", "bb"],
  ["'abab' | RemoveFirst: 'a'", "bab"],
  ["'a.b.c' | Replace: '.', '$&'", "a$&b$&c"],
  ["'a.b.c' | ReplaceFirst: '.', '$&'", "a$&b.c"],
  ["2.5 | Round", "2"],
  ["3.5 | Round", "4"],
  ["1.005 | Round: 1", "1"],
  ["' a ' | Rstrip", " a"],
  ["s | Size", "13"],
  ["s | Slice: -3, 2", "fo"],
  ["s | Slice: 4", "Q"],
  ["list | Slice: 1, 2 | Join: ','", "1,"],
  ["list | Sort | Join: ','", ",1,2,3,3"],
  ["items | Sort: 'name' | Map: 'name' | Join: ','", ",a,b"],
  ["'a,,b' | Split: ',' | Join: '+'", "a+b"],
  ["'abc' | Split: '' | Join: '+'", "a+b+c"],
  ["' a ' | Strip", "a"],
  ["html | StripHtml", "ab < c"],
  ["lines | StripNewlines", "abc"],
  ["five | Times: 1.5", "7.5"],
  ["s | Truncate: 7", "the ..."],
  ["s | TruncateWords: 2, '…'", "the Quick…"],
  ["list | Uniq | Join: ','", "3,1,,2"],
  ["s | Upcase", "THE QUICK FOX"],
  ["'a+b%20c%zz' | UrlDecode", "a+b%20c%zz"],
  ["'a+b%20c' | UrlDecode", "a b c"],
  ["'a b&ü' | UrlEncode", "a+b%26%C3%BC"],
  ["s | truncate_words: 1", "the..."],
];

describe("filters of Liquid", () => {
  for (const [source, expected] of cases) {
    it(source, () => {
      const template = parseLiquid(`{{ ${source} }}`);
      assert.ok(!("problem" in template));
      assert.equal(renderLiquid(template, scope, { maxUnits: 10_000, now: 0 }), expected);
    });
  }

  it("stay fast on what a client may send", () => {
    const hostile = {
      a: "<script".repeat(50_000),
      b: "<!--".repeat(50_000),
      c: " ".repeat(200_000),
      d: "a\r".repeat(100_000),
    };
    const template = parseLiquid("{{a|StripHtml}}{{b|StripHtml}}{{c|Strip}}{{d|StripNewlines|NewlineToBr|Capitalize}}");
    assert.ok(!("problem" in template));
    const started = performance.now();
    renderLiquid(template, hostile, { maxUnits: 10_000_000, now: 0 });
    assert.ok(performance.now() - started < 5000);
  });
});

describe("templates of Liquid", () => {
  it("that are wrong are told where", () => {
    assert.deepEqual(parseLiquid("a\n{{ b | Nothing }}"), { problem: "undefined filter: Nothing, line 2, column 1" });
    const open = parseLiquid("{% if a %}");
    assert.match("problem" in open ? open.problem : "", /if a.* not closed, line 1, column 1/);
  });

  it("loop over what becomes an array of JSON, with commas between the items", () => {
    const rendered = (source: string): string => {
      const template = parseLiquid(source);
      assert.ok(!("problem" in template));
      return renderLiquid(template, scope, { maxUnits: 10_000, now: 0 });
    };
    const named =
      '[{% JSONArrayFor item in items %}{% if item.name %}{"n": "{{item.name}}"}{% endif %}{% endJSONArrayFor %}]';
    assert.deepEqual(JSON.parse(rendered(named)), [{ n: "b" }, { n: "a" }]);
    assert.equal(rendered("[{% JSONArrayFor n in five %}{{n}}{% endJSONArrayFor %}]"), "[5]");
    assert.equal(rendered("[{% JSONArrayFor n in nothing %}{{n}}{% endJSONArrayFor %}]"), "[]");
    const nested =
      "{% JSONArrayFor a in list %}[{% JSONArrayFor b in list %}{{a}}{{b}}{% endJSONArrayFor %}]{% endJSONArrayFor %}";
    assert.match(rendered(nested), /^\[33,31,3,33,32\],\[13,/);
    for (const wrong of ["{% JSONArrayFor x of list %}{% endJSONArrayFor %}", "{% JSONArrayFor x in list %}"]) {
      assert.ok("problem" in parseLiquid(wrong), wrong);
    }
  });

  it("cannot read other templates", () => {
    for (const tag of ["include 'a'", "render 'a'", "layout 'a'", "block a"]) {
      assert.ok("problem" in parseLiquid(`{% ${tag} %}`), tag);
    }
  });
});

describe("dates as .NET has them", () => {
  it("are ISO 8601 with a time, and real ones", () => {
    assert.deepEqual(parseNetDate("2026-02-03T04:05:06"), {
      ms: Date.UTC(2026, 1, 3, 4, 5, 6),
      fraction: "",
      kind: "unspecified",
    });
    for (const text of ["2026-02-30T00:00:00", "2026-02-03", "2026-02-03 04:05:06", "2026-02-03T24:05:06", "x"]) {
      assert.equal(parseNetDate(text), undefined, text);
    }
  });

  it("are written by standard and custom formats", () => {
    const date = parseNetDate("2026-02-03T04:05:06.0700000Z");
    assert.ok(date);
    const forms = {
      o: "2026-02-03T04:05:06.0700000Z",
      R: "Tue, 03 Feb 2026 04:05:06 GMT",
      s: "2026-02-03T04:05:06",
      u: "2026-02-03 04:05:06Z",
      D: "Tuesday, 03 February 2026",
      "d/M/yy H:m:s": "3/2/26 4:5:6",
      "ddd MMM %d": "Tue Feb 3",
      "FFF|fff|zzz|\\d": "07|070|+00:00|d",
      yyyyMMddHHmmss: "20260203040506",
    };
    for (const [format, expected] of Object.entries(forms)) assert.equal(formatNetDate(date, format), expected, format);
    assert.equal(new DateDrop(date).valueOf(), "02/03/2026 04:05:06");
  });
});
