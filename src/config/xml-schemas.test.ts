import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { loadText } from "./fixture.test-helper.ts";

describe("schemas for XML", () => {
  const content = (item: string): string =>
    `version: 1\nschemas: { order: { xml: xsd/order.xsd }, types: { xml: xsd/types.xsd }, j: { json: j.json } }\npolicies: { inbound: [{ validate-content: { unspecifiedContentTypeAction: prevent, maxSize: 1KiB, sizeExceededAction: prevent, content: [{ action: prevent, ${item} }] } }] }`;
  const order = `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">\n<xs:include schemaLocation="../xsd/types.xsd"/>\n<xs:element name="order" type="order"/></xs:schema>`;
  const types = `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:simpleType name="order"><xs:restriction base="xs:string"/></xs:simpleType></xs:schema>`;
  const files = { "xsd/order.xsd": order, "xsd/types.xsd": types, "j.json": "{}" };
  const problems = async (item: string, changed: Readonly<Record<string, string>> = {}): Promise<readonly string[]> => {
    const { diagnostics } = await loadText(content(item), { files: { ...files, ...changed } });
    return diagnostics.map(({ code, at, message }) => `${code} ${at.file.split("/").at(-1)}:${at.line} ${message}`);
  };

  it("come with what they include, where policies name them", async () => {
    const { definition, diagnostics } = await loadText(content("validateAs: xml, schemaId: order"), { files });
    assert.deepEqual(diagnostics, []);
    const [schema, ...more] = definition?.xmlSchemas ?? [];
    assert.deepEqual([schema?.name, schema?.documents.length, more.length], ["order", 2, 0]);
    assert.match(schema?.documents[0] ?? "", /schemaLocation="\/1\.xsd"/);
    const other = await loadText(content("validateAs: xml, schemaId: order"), {
      files: { ...files, "xsd/types.xsd": `${types}\n`.replace("string", "token") },
    });
    assert.notEqual(other.definition?.xmlSchemas[0]?.key, schema?.key);
  });

  it("must be right, and say so at their place", async () => {
    assert.deepEqual(
      await problems("validateAs: xml, schemaId: order", { "xsd/types.xsd": types.replace("order", "o") }),
      [
        "schema-invalid order.xsd:3 element decl. 'order', attribute 'type': The QName value 'order' does not resolve to a(n) type definition.",
      ],
    );
    const remote = order.replace("../xsd/types.xsd", "https://example.com/o.xsd");
    assert.deepEqual(await problems("validateAs: xml, schemaId: order", { "xsd/order.xsd": remote }), [
      "schema-invalid order.xsd:2 https://example.com/o.xsd is none of the schemas of this definition",
    ]);
  });

  it("are for XML, and those for JSON are not", async () => {
    assert.match(
      (await problems("validateAs: xml, schemaId: j")).join(),
      /^reference-unknown .* the schema j is one for JSON$/,
    );
    assert.match((await problems("validateAs: json, schemaId: types")).join(), /the schema types is one for XML$/);
    assert.match((await problems("validateAs: xml")).join(), /validating XML without a schemaId/);
    assert.match(
      (await problems("validateAs: xml, schemaId: order, schemaRef: '#/a'")).join(),
      /part of a schema of JSON/,
    );
    assert.match(
      (await problems("validateAs: soap, schemaId: order")).join(),
      /validating SOAP messages against a WSDL/,
    );
  });
});
