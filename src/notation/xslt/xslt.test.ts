import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { atOnce } from "#lib/slices.ts";
import { readStylesheet } from "./read-stylesheet.ts";
import { transform } from "./transform.ts";

const xsl = 'xmlns:xsl="http://www.w3.org/1999/XSL/Transform"';
const limits = { steps: 200_000, stepsAtOnce: 100_000, bytes: 16 * 1024 * 1024, maxUnits: 100_000 };

function sheet(content: string, attributes = ""): string {
  return `<xsl:stylesheet version="1.0" ${xsl} ${attributes}>${content}</xsl:stylesheet>`;
}

function apply(content: string, document: string, given: Readonly<Record<string, string>> = {}): string {
  const stylesheet = readStylesheet(content.startsWith("<xsl:stylesheet") ? content : sheet(content));
  return atOnce(transform(stylesheet, document, new Map(Object.entries(given)), limits)).text;
}

/** As it stands, without declaration. */
const plain = '<xsl:output omit-xml-declaration="yes"/>';
const text = '<xsl:output method="text"/>';
const rows = "<r><i n='2'>b</i><i n='10'>a</i><i n='1'>c</i></r>";

/** What XSLT 1.0 says. */
const cases: readonly (readonly [what: string, stylesheet: string, document: string, result: string])[] = [
  ["templates of its own", "", "<a>x<b>y</b><!--c--></a>", '<?xml version="1.0" encoding="utf-8"?>xy'],
  [
    "literal elements and value-of",
    `${plain}<xsl:template match="/"><o k="{r/i[1]/@n}{{}}"><xsl:value-of select="r/i[2]"/> &lt;</o></xsl:template>`,
    rows,
    '<o k="2{}">a &lt;</o>',
  ],
  [
    "the identity",
    `${plain}<xsl:template match="@*|node()"><xsl:copy><xsl:apply-templates select="@*|node()"/></xsl:copy></xsl:template>
     <xsl:template match="i[@n=10]"/>`,
    rows,
    '<r><i n="2">b</i><i n="1">c</i></r>',
  ],
  [
    "priorities: a name before any, what comes last before what came first",
    `${text}<xsl:template match="*">*</xsl:template><xsl:template match="b">b</xsl:template><xsl:template match="a"><xsl:apply-templates/></xsl:template>
     <xsl:template match="c">1</xsl:template><xsl:template match="c">2</xsl:template><xsl:template match="a/d[1]">d1</xsl:template><xsl:template match="d" priority="0.4">d</xsl:template>`,
    "<a><b/><c/><d/><d/><e/></a>",
    "b2d1d*",
  ],
  [
    "sorting by numbers and by texts",
    `${text}<xsl:template match="/"><xsl:for-each select="//i"><xsl:sort select="@n" data-type="number" order="descending"/><xsl:value-of select="."/><xsl:value-of select="position()"/></xsl:for-each>|<xsl:apply-templates select="//i"><xsl:sort select="."/></xsl:apply-templates></xsl:template>`,
    rows,
    "a1b2c3|abc",
  ],
  [
    "named templates that call themselves",
    `${text}<xsl:template match="/"><xsl:call-template name="n"><xsl:with-param name="c" select="3000"/></xsl:call-template></xsl:template>
     <xsl:template name="n"><xsl:param name="c"/><xsl:param name="sum" select="0"/><xsl:choose><xsl:when test="$c = 0"><xsl:value-of select="$sum"/></xsl:when><xsl:otherwise><xsl:call-template name="n"><xsl:with-param name="c" select="$c - 1"/><xsl:with-param name="sum" select="$sum + $c"/></xsl:call-template></xsl:otherwise></xsl:choose></xsl:template>`,
    "<a/>",
    "4501500",
  ],
  [
    "variables, of the stylesheet in any order, and trees",
    `${text}<xsl:variable name="b" select="concat($a, '!')"/><xsl:variable name="a"><x>1</x><x>2</x></xsl:variable>
     <xsl:template match="/"><xsl:variable name="b2" select="concat($b, '?')"/><xsl:if test="true()"><xsl:variable name="b2">inner</xsl:variable><xsl:value-of select="$b2"/></xsl:if><xsl:value-of select="$b2"/></xsl:template>`,
    "<a/>",
    "inner12!?",
  ],
  [
    "node-set",
    sheet(
      `${text}<xsl:template match="/"><xsl:variable name="v"><x>1</x><x>2</x></xsl:variable><xsl:value-of select="sum(m:node-set($v)/x)"/></xsl:template>`,
      'xmlns:m="urn:schemas-microsoft-com:xslt"',
    ),
    "<a/>",
    "3",
  ],
  [
    "keys",
    `${text}<xsl:key name="k" match="i" use="@g"/><xsl:template match="/"><xsl:for-each select="//i[generate-id() = generate-id(key('k', @g)[1])]"><xsl:value-of select="@g"/>:<xsl:value-of select="sum(key('k', @g))"/>;</xsl:for-each></xsl:template>`,
    "<r><i g='x'>1</i><i g='y'>2</i><i g='x'>3</i></r>",
    "x:4;y:2;",
  ],
  [
    "computed elements and attributes, attribute sets",
    `${plain}<xsl:attribute-set name="s"><xsl:attribute name="id">7</xsl:attribute></xsl:attribute-set>
     <xsl:template match="/"><xsl:element name="{name(*)}x" namespace="urn:x" use-attribute-sets="s"><xsl:attribute name="p:q" namespace="urn:q">v</xsl:attribute><xsl:comment>a--b</xsl:comment><xsl:processing-instruction name="t">d</xsl:processing-instruction></xsl:element></xsl:template>`,
    "<a/>",
    '<ax xmlns="urn:x" xmlns:p="urn:q" id="7" p:q="v"><!--a- -b--><?t d?></ax>',
  ],
  [
    "namespaces that are left out, and those that are not",
    sheet(
      `${plain}<xsl:template match="/s:a"><o xmlns:k="urn:k"><s:p/></o></xsl:template>`,
      'xmlns:s="urn:s" xmlns:u="urn:u" exclude-result-prefixes="u"',
    ),
    '<a xmlns="urn:s"/>',
    '<o xmlns:k="urn:k" xmlns:s="urn:s"><s:p/></o>',
  ],
  [
    "copies with the namespaces around them",
    `${plain}<xsl:template match="/"><o><xsl:copy-of select="//*[local-name() = 'b']"/></o></xsl:template>`,
    '<a xmlns="urn:a" xmlns:p="urn:p"><b t="p:x"><c/></b></a>',
    '<o><b xmlns="urn:a" xmlns:p="urn:p" t="p:x"><c/></b></o>',
  ],
  [
    "modes and counting",
    `${text}<xsl:template match="/"><xsl:apply-templates select="//i" mode="m"/></xsl:template><xsl:template match="i" mode="m"><xsl:number format="A."/><xsl:number value="position()" format="(i)"/><xsl:text> </xsl:text></xsl:template>`,
    rows,
    "A.(i) B.(ii) C.(iii) ",
  ],
  [
    "counting what is no number",
    `${text}<xsl:template match="/"><xsl:number value="1 div 0" format="a"/> <xsl:number value="'x'" format="i"/></xsl:template>`,
    "<a/>",
    "InfinityNaN",
  ],
  [
    "numbers as texts",
    `${text}<xsl:decimal-format name="de" decimal-separator="," grouping-separator="."/><xsl:template match="/"><xsl:value-of select="format-number(1234567.895, '#,##0.00')"/>|<xsl:value-of select="format-number(0.256, '0%')"/>|<xsl:value-of select="format-number(-1234.5, '#.##0,00', 'de')"/>|<xsl:value-of select="1 div 0"/>|<xsl:value-of select="0.0000001"/></xsl:template>`,
    "<a/>",
    "1,234,567.90|26%|-1.234,50|Infinity|0.0000001",
  ],
  [
    "HTML",
    `<xsl:template match="/"><html><head><title>t</title></head><body><br/><p class="&lt;"/><script>a &lt; b</script></body></html></xsl:template>`,
    "<a/>",
    '<html><head><META http-equiv="Content-Type" content="text/html; charset=utf-8"><title>t</title></head><body><br><p class="<"></p><script>a < b</script></body></html>',
  ],
  [
    "indentation, CDATA, a document type, what is not escaped",
    `<xsl:output indent="yes" doctype-system="x.dtd" cdata-section-elements="c" encoding="us-ascii"/><xsl:template match="/"><o><c>&lt;]]&gt;</c><d>\u00e9<xsl:text disable-output-escaping="yes">&lt;raw/></xsl:text></d></o></xsl:template>`,
    "<a/>",
    '<?xml version="1.0" encoding="us-ascii"?>\n<!DOCTYPE o SYSTEM "x.dtd">\n<o>\n  <c><![CDATA[<]]]]><![CDATA[>]]></c>\n  <d>&#233;<raw/></d>\n</o>',
  ],
  [
    "white space of the document",
    `${plain}<xsl:strip-space elements="*"/><xsl:preserve-space elements="k"/><xsl:template match="/"><xsl:copy-of select="."/></xsl:template>`,
    "<a> <b> </b><k> </k> x</a>",
    "<a><b/><k> </k> x</a>",
  ],
];

describe("a transformation", () => {
  for (const [what, stylesheet, document, result] of cases)
    it(`knows ${what}`, () => assert.equal(apply(stylesheet, document), result));

  it("takes parameters as texts, and leaves out those that it does not have", () => {
    const stylesheet = `${text}<xsl:param name="p" select="'none'"/><xsl:variable name="v" select="'own'"/><xsl:template match="/"><xsl:value-of select="$p"/><xsl:value-of select="$v"/></xsl:template>`;
    assert.equal(apply(stylesheet, "<a/>", { p: "//<x>", v: "other", q: "1" }), "//<x>own");
    assert.equal(apply(stylesheet, "<a/>"), "noneown");
  });
});

describe("a document that does harm", () => {
  const endless = `${text}<xsl:template match="/"><xsl:call-template name="n"/></xsl:template><xsl:template name="n"><xsl:call-template name="n"/></xsl:template>`;
  const all = `${text}<xsl:template match="/"><xsl:for-each select="//i"><xsl:value-of select="count(//i)"/></xsl:for-each></xsl:template>`;
  const wide = `${text}<xsl:template match="/"><xsl:for-each select="//i"><xsl:value-of select="//i"/><xsl:copy-of select="/"/></xsl:for-each></xsl:template>`;
  const many = `<r>${"<i>x</i>".repeat(3000)}</r>`;

  it("ends where templates go too deep", () =>
    assert.throws(() => apply(endless, "<a/>"), { name: "TransformFailure", message: /deeply|too much/ }));
  it("ends where a stylesheet looks at everything for everything", () =>
    assert.throws(() => apply(all, many), { message: "the transformation takes too many steps" }));
  it("ends where the result grows", () =>
    assert.throws(() => apply(wide, many), { message: /too large|too much data|too many steps/ }));
  it("ends where one expression takes long", () =>
    assert.throws(
      () =>
        apply(
          `${text}<xsl:template match="/"><xsl:value-of select="count(//i[count(//i) > 0])"/></xsl:template>`,
          many,
        ),
      { message: "the transformation takes too many steps" },
    ));
  it("has no document type", () =>
    assert.throws(() => apply("", '<!DOCTYPE a [<!ENTITY x "secret">]><a>&x;</a>'), {
      message: "the body has a document type",
    }));
  it("is told of without its content", () =>
    assert.throws(() => apply("", "<a>secret</b>"), { message: "the body is no well-formed XML" }));
});

/** What is refused when it is loaded. */
const wrong: readonly (readonly [stylesheet: string, message: RegExp, line?: number])[] = [
  ["<a/>", /begins with xsl:stylesheet/, 1],
  ["<a><b></a>", /closing tag|unexpected|close/i, 1],
  [sheet("").replace('"1.0"', '"2.0"'), /only XSLT 1\.0/],
  [sheet("\n\n<xsl:import href='x'/>"), /another stylesheet/, 3],
  [sheet("<xsl:include href='http://x/'/>"), /another stylesheet/],
  [sheet("<m:script xmlns:m='urn:schemas-microsoft-com:xslt'>x</m:script>"), /scripts are not run/],
  [
    sheet("\n<xsl:template match='/'>\n<xsl:value-of select=\"document('file:///etc/passwd')\"/></xsl:template>"),
    /document\(\)/,
    3,
  ],
  [sheet("<xsl:template match='/'><xsl:value-of select='1 +'/></xsl:template>"), /ends too early/],
  [sheet("<xsl:template match='/'><xsl:call-template name='x'/></xsl:template>"), /no template named 'x'/],
  [sheet("<xsl:template match='/'><xsl:frobnicate/></xsl:template>"), /no instruction/],
  [sheet("<xsl:template match='/'><a b='{x'/></xsl:template>"), /brace/],
  [sheet("<xsl:template match='a/..'/>"), /pattern/],
  [sheet("<xsl:template match='p:a'/>"), /prefix 'p' is not declared/],
  [sheet("<xsl:template match='/'><xsl:value-of select='f()'/></xsl:template>"), /no function 'f'/],
  [sheet("<xsl:output method='pdf'/>"), /'method' is/],
  [sheet("<xsl:template/>"), /'match' or 'name'/],
  ["<!DOCTYPE a [<!ENTITY x 'y'>]><a/>", /DTD/],
];

describe("a stylesheet", () => {
  for (const [source, message, line] of wrong) {
    it(`is refused: ${source.slice(0, 120)}`, () =>
      assert.throws(
        () => readStylesheet(source),
        (error: unknown) => {
          assert.ok(error instanceof Error);
          assert.equal(error.name, "StylesheetProblem");
          assert.match(error.message, message);
          if (line !== undefined) assert.equal((error as { line?: number }).line, line);
          return true;
        },
      ));
  }
});
