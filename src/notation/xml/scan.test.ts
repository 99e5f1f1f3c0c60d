import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Problems } from "#notation/problems.ts";
import type { XmlElement } from "./document.ts";
import { scanXml } from "./scan.ts";

function scan(text: string) {
  const problems = new Problems();
  const document = scanXml("p.xml", text, problems);
  const slices = document?.expressions.map(({ start, end }) => document.source.text.slice(start, end)) ?? [];
  const found = problems.sorted().map(({ code, at }) => `${at.line}:${at.column} ${code}`);
  return { document, slices, found };
}

function wrap(inside: string): string {
  return `<policies><inbound>${inside}</inbound></policies>`;
}

/** One value in both places: of the attribute, and between the tags. */
const escaped: readonly (readonly [xml: string, slice?: string])[] = [
  ["@(1)"],
  ["  @(1)\n ", "@(1)"],
  ["@(x[&quot;a)&quot;])"],
  ["@(a &amp;&amp; b &lt; c)"],
  ["@{ return &quot;}&quot;; }"],
  ["@{ // it&apos;s } fine\n return 1; }"],
];

const raw: readonly string[] = [
  '@(context.Variables["x"])',
  "@(a.As<JObject>() && b)",
  '@("a)b" + (string)c["\\""])',
  '@{ var s = "<a b=\\"}\\">"; return s + \'"\' + "</value>"; }',
  '@(@"C:\\" + $"{x["y"]}<!-- no comment -->")',
  '@(a &amp;&amp; b["x"])',
];

describe("scanXml", () => {
  for (const [xml, slice = xml] of escaped) {
    it(`finds the escaped ${JSON.stringify(xml)}`, () => {
      for (const text of [wrap(`<a b="${xml}"/>`), wrap(`<a b='${xml}'></a>`), wrap(`<a>${xml}</a>`)]) {
        const { document, slices, found } = scan(text);
        assert.deepEqual(found, []);
        assert.deepEqual(slices, [slice]);
        assert.equal(document?.form, "xml");
      }
    });
  }

  it("takes the quotes in a certificate's name for its own, and in nothing else", () => {
    const name = 'C=US, O="Contoso, Inc.", CN=*.contoso.com';
    const { document, found } = scan(wrap(`<identity subject="${name}" issuer-subject="O="A"" thumbprint="t" />`));
    assert.deepEqual(found, []);
    assert.ok(document);
    const [identity] = (document.root.children[0] as XmlElement).children as XmlElement[];
    const values = identity?.attributes.map(({ value }) => document.source.text.slice(value.start, value.end));
    assert.deepEqual(values, [name, 'O="A"', "t"]);
    assert.equal(document.form, "rawxml");
    assert.deepEqual(scan(wrap(`<a subject="${name}" />`)).found[0], "1:41 xml-syntax");
  });

  for (const xml of raw) {
    it(`finds the raw ${JSON.stringify(xml)}`, () => {
      for (const text of [wrap(`<a b="${xml}" c="d"/>`), wrap(`<a b='${xml}'></a>`), wrap(`<a> ${xml}</a>`)]) {
        const { slices, found } = scan(text);
        assert.deepEqual(found, []);
        assert.deepEqual(slices, [xml]);
      }
      assert.equal(scan(wrap(`<a b="${xml}" c="d"/>`)).document?.form, "rawxml");
    });
  }

  it("looks for expressions in the beginning of values only", () => {
    assert.deepEqual(scan(wrap('<a b="Bearer @(x)">y @(z)</a><!-- @("never -->')).slices, []);
    assert.deepEqual(scan(wrap("<a><![CDATA[@(x]]></a>")).slices, []);
    assert.deepEqual(scan(wrap("<a><!-- what --> @(x) <!-- for --></a>")).slices, ["@(x)"]);
  });

  it("knows where everything stands", () => {
    const { document } = scan(
      '\ufeff<!-- a -- b\r\n<!-- c -->\r\n<policies>\r\n  <inbound x="1" />\r\n</policies>\r\n',
    );
    const inbound = document?.root.children[0] as XmlElement;
    assert.deepEqual(document?.source.at(inbound.at), { file: "p.xml", line: 4, column: 3 });
    assert.deepEqual(document?.source.at(inbound.attributes[0]?.at ?? 0), { file: "p.xml", line: 4, column: 12 });
  });

  for (const [text, ...problems] of [
    ["", "1:1 xml-syntax"],
    ["<a>\n<b></a>", "2:1 xml-syntax"],
    ["<a>\n<b>", "1:1 xml-syntax", "2:1 xml-syntax"],
    ["<a></b></a>", "1:4 xml-syntax"],
    ["<a/><b/>", "1:5 xml-syntax"],
    ["<a/>x", "1:5 xml-syntax"],
    ["<a><!-- x</a>", "1:4 xml-syntax"],
    ["<a b='1' b='2'/>", "1:10 xml-duplicate-attribute"],
    ["<a b=1 c d='2'e='3'/>", "1:6 xml-syntax", "1:8 xml-syntax", "1:15 xml-syntax"],
    ["<a b='x", "1:6 xml-syntax"],
    ["<a>x & y &nbsp; &#0; &#xD800;</a>", "1:6 xml-syntax", "1:17 xml-syntax"],
    ["<a>1 < 2</a>", "1:6 xml-syntax"],
    ["<a b='<'/>", "1:7 xml-syntax"],
    ["<a>\u0001</a>", "1:4 xml-syntax"],
    ["<a><![CDATA[\u{1F600}\ud800]]></a>", "1:15 xml-syntax"],
    ['<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "1:1 xml-doctype", "1:29 xml-syntax", "1:34 xml-syntax"],
    ["<a>\n@(x</a>", "2:1 expression-unclosed"],
    ['<a b="@(x"y)"/>', "1:7 expression-unclosed"],
    ['<a b="@(x) y"/>', "1:11 expression-misplaced"],
    ["<a>@(x) y</a><b/>", "1:8 expression-misplaced", "1:14 xml-syntax"],
  ] as const) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      const { document, found } = scan(text);
      assert.equal(document, null);
      assert.deepEqual(found, problems);
    });
  }

  it("is bounded in depth, in elements and in problems", () => {
    assert.deepEqual(scan("<a>".repeat(100_000)).found, ["1:193 xml-too-large"]);
    assert.deepEqual(scan(`<a>${"<b/>".repeat(100_000)}</a>`).found.length, 1);
    assert.equal(scan(`<a>${"</b>".repeat(100_000)}</a>`).found.length, 20);
  });

  it("stays linear over what never ends", () => {
    const started = performance.now();
    for (const piece of ['<a b="@(', "<a>@{ ", '<a b="', "<!--", "&", "<a", '<a>@("'])
      scan(`<p>${piece.repeat(100_000)}`);
    assert.ok(performance.now() - started < 5000);
  });
});
