import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { atOnce } from "#lib/slices.ts";
import { readStylesheet } from "./read-stylesheet.ts";
import { transform } from "./transform.ts";

const xsl = 'xmlns:xsl="http://www.w3.org/1999/XSL/Transform"';
const identity =
  '<xsl:template match="@*|node()"><xsl:copy><xsl:apply-templates select="@*|node()"/></xsl:copy></xsl:template>';
const output = '<xsl:output method="text"/>';

/** As the policy bounds a body of that length. */
function end(content: string, document: string): string {
  const stylesheet = readStylesheet(`<xsl:stylesheet version="1.0" ${xsl}>${content}</xsl:stylesheet>`);
  const steps = 1_000_000 + document.length * 32;
  const limits = { steps, stepsAtOnce: 2_000_000, bytes: 256 * 1024 * 1024, maxUnits: 10_000_000 };
  try {
    return `${atOnce(transform(stylesheet, document, new Map(), limits)).text.length} characters`;
  } catch (error) {
    return (error as Error).message;
  }
}

const many = (count: number, make: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => make(index)).join("");

const declared = many(20_000, (index) => ` xmlns:n${index}="u"`);
const attributes = many(30_000, (index) => ` a${index}=""`);
const items = many(30_000, () => "<i>x</i>");
const long = "x".repeat(500_000);

/** Documents of half a megabyte that make much of little. */
const cases: readonly (readonly [what: string, stylesheet: string, document: string])[] = [
  ["thousands of namespaces, copied", identity, `<r${declared}>${many(5000, () => '<c xmlns:z="z"/>')}</r>`],
  ["thousands of attributes, copied", identity, `<r${attributes}/>`],
  [
    "one key for all",
    `${output}<xsl:key name="k" match="i" use="."/><xsl:template match="/"><xsl:for-each select="//i"><xsl:value-of select="count(key('k', .))"/><xsl:value-of select="count(key('k', //i))"/></xsl:for-each></xsl:template>`,
    `<r>${items}</r>`,
  ],
  [
    "a set compared with each of its own",
    `${output}<xsl:variable name="s" select="//i"/><xsl:template match="/"><xsl:value-of select="count(//i[. != $s])"/></xsl:template>`,
    `<r>${items}</r>`,
  ],
  [
    "a long text looked through for each element",
    `${output}<xsl:template match="/"><xsl:value-of select="count(//i[contains(/r/t, 'y')])"/></xsl:template>`,
    `<r><t>${long}</t>${items}</r>`,
  ],
  [
    "a long text that is to be a number",
    `${output}<xsl:template match="/"><xsl:value-of select="count(//i[/r/t > 1])"/></xsl:template>`,
    `<r><t>${long}</t>${items}</r>`,
  ],
];

describe("a document made to keep a stylesheet busy", () => {
  for (const [what, stylesheet, document] of cases) {
    it(`comes to an end: ${what}`, () => {
      const started = performance.now();
      assert.match(end(stylesheet, document), /^\d+ characters$|too many steps|too much data|too large/);
      // Without the bounds these take minutes.
      assert.ok(performance.now() - started < 20_000);
    });
  }

  it("takes the first of a group at once, however large the group is", () => {
    const groups = `${output}<xsl:key name="k" match="i" use="."/><xsl:template match="/"><xsl:for-each select="//i[generate-id() = generate-id(key('k', .)[1])]"><xsl:value-of select="."/></xsl:for-each></xsl:template>`;
    assert.equal(end(groups, `<r>${items}</r>`), "1 characters");
  });
});
