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
    assert.match(
      (await problems("validateAs: xml, schemaId: order, schemaRef: '#/a'")).join(),
      /part of a schema of JSON/,
    );
    assert.deepEqual(await problems("validateAs: soap, schemaId: order"), []);
    assert.match(
      (await problems("validateAs: soap, schemaId: order, schemaRef: '#/a'")).join(),
      /part of a schema of JSON/,
    );
  });
});

describe("the WSDL of an API", () => {
  const api = (item: string, wsdl = "wsdl: ./o.wsdl, "): string =>
    `version: 1\nbackends: { up: { url: "http://127.0.0.1:1" } }\nschemas: { parts: { xml: parts.xsd } }\napis: { o: { path: /o, ${wsdl}access: public, backend: up, policies: { inbound: [{ validate-content: { unspecifiedContentTypeAction: prevent, maxSize: 1KiB, sizeExceededAction: prevent, content: [{ action: prevent, ${item} }] } }] } } }`;
  const wsdl = `<definitions xmlns="http://schemas.xmlsoap.org/wsdl/"><types><xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:o">
<xs:import namespace="urn:p" schemaLocation="parts.xsd"/>
<xs:element name="a" type="xs:int"/></xs:schema></types></definitions>`;
  const parts = `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:p"/>`;
  const load = (text: string, files: Readonly<Record<string, string>> = {}) =>
    loadText(text, { files: { "o.wsdl": wsdl, "parts.xsd": parts, ...files } });

  it("is its schema for XML and SOAP, with what it imports", async () => {
    const { definition, diagnostics } = await load(api("validateAs: soap"));
    assert.deepEqual(diagnostics, []);
    const { xmlSchema } = definition?.apis[0] ?? {};
    assert.deepEqual(xmlSchema?.documents.length, 3);
    const xml = await load(api("validateAs: xml"));
    assert.equal(xml.definition?.apis[0]?.xmlSchema?.key, xmlSchema?.key);
  });

  it("is not looked at where no policy asks for it", async () => {
    const { definition, diagnostics } = await load(api("validateAs: json"), { "o.wsdl": "no WSDL" });
    assert.deepEqual([diagnostics, definition?.apis[0]?.xmlSchema], [[], undefined]);
  });

  it("has to be there and right where one of the API's own asks for it", async () => {
    const told = async (text: string, files = {}): Promise<readonly string[]> =>
      (await load(text, files)).diagnostics.map(({ code, at }) => `${code} ${at.file.split("/").at(-1)}:${at.line}`);
    assert.deepEqual(await told(api("validateAs: soap", "")), ["key-missing sallyport.yaml:4"]);
    assert.deepEqual(await told(api("validateAs: soap"), { "o.wsdl": wsdl.replace("xs:int", "int") }), [
      "schema-invalid o.wsdl:3",
    ]);
    assert.deepEqual(await told(api("validateAs: soap"), { "o.wsdl": wsdl.replace("parts", "p") }), [
      "schema-invalid o.wsdl:2",
    ]);
  });
});
