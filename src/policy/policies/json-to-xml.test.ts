import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BodyRoom } from "#policy/body-room.ts";
import { policy, portsWith, respondingWith, start } from "#policy/policy.test-helper.ts";

type Args = Parameters<typeof policy>[1];

const ports = portsWith({ bodies: new BodyRoom(100_000, 1_000_000) });

async function convert(
  json: string,
  args: Args = {},
  type = "application/json",
  accept: string[] = [],
): Promise<string> {
  const exchange = respondingWith(type, json, accept);
  const node = policy("json-to-xml", { apply: "always", considerAcceptHeader: false, ...args });
  const outcome = await start([node], exchange, { section: "outbound", ports });
  if (outcome?.kind === "refusal") return `${outcome.reason}: ${outcome.detail}`;
  const converted = exchange.response?.headers.get("content-type")?.startsWith("application/xml");
  return `${converted === true ? "" : "unchanged "}${String(exchange.response?.body)}`;
}

const cases: readonly (readonly [string, string])[] = [
  ['{"a":1}', "<a>1</a>"],
  ['{"a":null}', "<a/>"],
  ['{"a":{"b":[1,true,null],"c":{"d":"x"}}}', "<a><b>1</b><b>true</b><b/><c><d>x</d></c></a>"],
  ['{"a":1,"b":2}', "<Document><a>1</a><b>2</b></Document>"],
  ['{"a":[1,2]}', "<Document><a>1</a><a>2</a></Document>"],
  ["[1,2]", "<Document><Document>1</Document><Document>2</Document></Document>"],
  ['"x"', "<Document>x</Document>"],
  ["{}", "<Document/>"],
  ['{"a":{"@id":"1<\\"","#text":"x & y"}}', '<a id="1&lt;&quot;">x &amp; y</a>'],
  ['{"a":{"#cdata-section":"]]>"}}', "<a>]]&gt;</a>"],
  ['{"x><script>":1}', "<x_x003E__x003C_script_x003E_>1</x_x003E__x003C_script_x003E_>"],
  ['{"1 a":"\\u0000\\ud800"}', "<_x0031__x0020_a>\ufffd</_x0031__x0020_a>"],
  [
    '{"a":[9007199254740993,1.10,1e5,-0]}',
    "<Document><a>9007199254740993</a><a>1.10</a><a>1e5</a><a>-0</a></Document>",
  ],
  ['{"a":"2026-01-02T03:04:05.500+02:00"}', "<a>2026-01-02T01:04:05.5+00:00</a>"],
];

describe("json-to-xml", () => {
  for (const [json, xml] of cases) it(json, async () => assert.equal(await convert(json), xml));

  it("leaves texts like dates alone where it is told to", async () => {
    const json = '{"a":"2026-01-02T03:04:05.500+02:00"}';
    assert.equal(await convert(json, { parseDate: false }), "<a>2026-01-02T03:04:05.500+02:00</a>");
  });

  it("writes namespaces and attributes", async () => {
    const json =
      '{"soap_Envelope":{"xmlns_soap":"urn:s","xmlns":"urn:d","soap_Body":{"attrs":{"id":"1","soap_x":2},"v":3}}}';
    const args = { namespacePrefix: "xmlns", attributeBlockName: "attrs" };
    assert.equal(
      await convert(json, args),
      '<soap:Envelope xmlns:soap="urn:s" xmlns="urn:d"><soap:Body id="1" soap:x="2"><v>3</v></soap:Body></soap:Envelope>',
    );
    assert.equal(
      await convert('{"p-a":{"ns-p":"u"}}', { namespacePrefix: "ns", namespaceSeparator: "-" }),
      '<p:a xmlns:p="u"/>',
    );
  });

  it("applies by content type and Accept", async () => {
    const byType = { apply: "content-type-json" };
    assert.equal(await convert('{"a":1}', byType, "application/hal+json"), "<a>1</a>");
    assert.equal(await convert('{"a":1}', byType, "text/plain"), 'unchanged {"a":1}');
    const accept = { considerAcceptHeader: true };
    assert.equal(await convert('{"a":1}', accept, "application/json", ["Accept", "text/xml"]), "<a>1</a>");
    assert.equal(await convert('{"a":1}', accept, "application/json", ["Accept", "*/*"]), 'unchanged {"a":1}');
  });

  it("fails for what is no JSON, too deep, would be no XML, or would be too large", async () => {
    assert.match(await convert("{"), /no JSON/);
    assert.match(await convert('{"a":'.repeat(300) + "1" + "}".repeat(300)), /256 deep/);
    assert.match(await convert('{"a":{"@x":1,"attrs":{"x":2}}}', { attributeBlockName: "attrs" }), /attribute twice/);
    assert.match(await convert(`{"${"n".repeat(60_000)}":1}`), /too large/);
  });
});
