import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BodyRoom } from "#policy/body-room.ts";
import { cel, policy, portsWith, respondingWith, start } from "#policy/policy.test-helper.ts";

type Args = Parameters<typeof policy>[1];

const ports = portsWith({ bodies: new BodyRoom(100_000, 1_000_000) });

async function convert(xml: string, args: Args = {}, type = "application/xml", accept: string[] = []): Promise<string> {
  const exchange = respondingWith(type, xml, accept);
  const node = policy("xml-to-json", { kind: "direct", apply: "always", considerAcceptHeader: false, ...args });
  const outcome = await start([node], exchange, { section: "outbound", ports });
  if (outcome?.kind === "refusal") return `${outcome.reason}: ${outcome.detail}`;
  const converted = exchange.response?.headers.get("content-type")?.startsWith("application/json");
  return `${converted === true ? "" : "unchanged "}${String(exchange.response?.body)}`;
}

/** What documents become: direct, then javascript-friendly. */
const cases: readonly (readonly [string, string, string])[] = [
  ["<a/>", '{"a":null}', '{"a":null}'],
  ["<a></a>", '{"a":null}', '{"a":null}'],
  ["<a> x </a>", '{"a":" x "}', '{"a":" x "}'],
  ["<a>1</a>", '{"a":"1"}', '{"a":"1"}'],
  ['<a id="1">x</a>', '{"a":{"@id":"1","#text":"x"}}', '{"a":{"id":"1","text":"x"}}'],
  ["<a>\n <b>1</b>\n <c/>\n</a>", '{"a":{"b":"1","c":null}}', '{"a":{"b":"1","c":null}}'],
  ["<a><b>1</b><c/><b>2</b></a>", '{"a":{"b":["1","2"],"c":null}}', '{"a":{"b":["1","2"],"c":null}}'],
  ["<a>x<b/>y</a>", '{"a":{"#text":["x","y"],"b":null}}', '{"a":{"text":["x","y"],"b":null}}'],
  ["<a><![CDATA[<x>]]></a>", '{"a":{"#cdata-section":"<x>"}}', '{"a":{"text":"<x>"}}'],
  ["<a>&lt;&amp;&#65;&quot;</a>", '{"a":"<&A\\""}', '{"a":"<&A\\""}'],
  ["<a><!-- c --></a>", '{"a":null}', '{"a":null}'],
  ['<s:a xmlns:s="u" s:b="1"/>', '{"s:a":{"@xmlns:s":"u","@s:b":"1"}}', '{"a":{"b":"1"}}'],
  [
    '<?xml version="1.0" encoding="utf-8"?><a>x</a>',
    '{"?xml":{"@version":"1.0","@encoding":"utf-8"},"a":"x"}',
    '{"a":"x"}',
  ],
  ["<a><__proto__>x</__proto__></a>", '{"a":{"__proto__":"x"}}', '{"a":{"__proto__":"x"}}'],
];

describe("xml-to-json", () => {
  for (const [xml, direct, friendly] of cases) {
    it(xml, async () => {
      assert.equal(await convert(xml), direct);
      assert.equal(await convert(xml, { kind: "javascript-friendly" }), friendly);
    });
  }

  it("makes lists of all child elements where it is told to", async () => {
    const lists = { alwaysArrayChildElements: true };
    assert.equal(
      await convert('<a i="1"><b>1</b><c><d/></c></a>', lists),
      '{"a":{"@i":"1","b":["1"],"c":[{"d":[null]}]}}',
    );
  });

  it("applies by content type and Accept", async () => {
    const byType = { apply: "content-type-xml" };
    assert.equal(await convert("<a/>", byType, "text/xml; charset=utf-8"), '{"a":null}');
    assert.equal(await convert("<a/>", byType, "application/soap+xml"), '{"a":null}');
    assert.equal(await convert("<a/>", byType, "text/plain"), "unchanged <a/>");
    const accept = { considerAcceptHeader: true };
    for (const json of ["application/json", "text/html, application/vnd.x+json;q=0.5"]) {
      assert.equal(await convert("<a/>", accept, "text/xml", ["Accept", json]), '{"a":null}', json);
    }
    for (const other of ["*/*", "application/xml", "application/json;q=0"]) {
      assert.equal(await convert("<a/>", accept, "text/xml", ["Accept", other]), "unchanged <a/>", other);
    }
    assert.equal(await convert("<a/>", accept, "text/xml"), "unchanged <a/>");
  });

  it("takes computed settings, and refuses those that are none", async () => {
    assert.equal(await convert('<a b="1"/>', { kind: cel("'javascript' + '-friendly'") }), '{"a":{"b":"1"}}');
    assert.match(await convert("<a/>", { kind: cel("'other'") }), /^expression-failed/);
  });

  it("fails for what is no XML, has a document type, or is too deep", async () => {
    assert.match(await convert("{}"), /no well-formed XML/);
    assert.match(await convert("<a>"), /no well-formed XML/);
    assert.match(await convert("<a/><b/>"), /no well-formed XML/);
    assert.match(await convert('<a x="1" x="2"/>'), /no well-formed XML/);
    assert.match(await convert('<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>'), /document type/);
    assert.match(await convert(`<!DOCTYPE a [<!ENTITY b "${"c".repeat(100)}">]><a>&b;</a>`), /document type/);
    assert.match(await convert("<a>&undefined;</a>"), /no well-formed XML/);
    assert.match(await convert("<a>".repeat(1000)), /256 deep/);
  });

  it("is bounded in what it makes, and takes linear time for what is nested", async () => {
    assert.match(
      await convert(`<a>${"<b/>".repeat(15_000)}</a>`, { alwaysArrayChildElements: true }),
      /^\{"a":\{"b":\[null,/,
    );
    assert.match(await convert(`<a>${'"'.repeat(90_000)}</a>`), /too large/);
    const nested = `${"<a>".repeat(250)}${"x".repeat(90_000)}${"</a>".repeat(250)}`;
    const started = performance.now();
    await convert(nested);
    assert.ok(performance.now() - started < 1000);
  });
});
