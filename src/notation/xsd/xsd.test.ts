import assert from "node:assert/strict";
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { after, before, describe, it } from "node:test";
import { compileXsd } from "./compile-xsd.ts";
import { loadXsd, type Xsd } from "./library.ts";
import { readXsd, type XsdReading } from "./read-xsd.ts";
import { validateXml, XsdGaveUp } from "./validate-xml.ts";

const schema = (inside: string, attributes: string = ""): string =>
  `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" ${attributes}>${inside}</xs:schema>`;

const order = schema(`
  <xs:element name="order"><xs:complexType>
    <xs:sequence>
      <xs:element name="line" maxOccurs="unbounded"><xs:complexType>
        <xs:simpleContent><xs:extension base="xs:string"><xs:attribute name="qty" type="quantity" use="required"/></xs:extension></xs:simpleContent>
      </xs:complexType></xs:element>
      <xs:element name="code" minOccurs="0"><xs:simpleType><xs:restriction base="xs:string"><xs:pattern value="(a|aa)*b"/></xs:restriction></xs:simpleType></xs:element>
    </xs:sequence>
  </xs:complexType></xs:element>
  <xs:simpleType name="quantity"><xs:restriction base="xs:integer"><xs:maxInclusive value="100"/></xs:restriction></xs:simpleType>`);

describe("XML Schema", () => {
  let xsd: Xsd;
  before(async () => {
    xsd = await loadXsd();
  });

  function read(text: string, others: Readonly<Record<string, string>> = {}): XsdReading {
    return readXsd(xsd.libxml2, { path: "main.xsd", text }, (location) => {
      const found = others[location];
      return found === undefined ? undefined : { path: location, text: found };
    });
  }

  function problemIn(document: string, text: string = order, others: Readonly<Record<string, string>> = {}): string {
    const reading = read(text, others);
    assert.ok("documents" in reading, JSON.stringify(reading));
    const validator = compileXsd(xsd.libxml2, reading.documents);
    try {
      return validateXml(xsd, validator, document) ?? "right";
    } finally {
      validator.dispose();
    }
  }

  const line = '<line qty="1">x</line>';
  for (const [document, problem] of [
    [`<order>${line}</order>`, "right"],
    [`<?xml version="1.0" encoding="utf-16"?>\n<!-- c --><order>${line.replace("x", "ü€😀")}</order>`, "right"],
    ["<order/>", "Element 'order': Missing child element(s). Expected is ( line ). Line: 1"],
    [`<order>\n<line/></order>`, "Element 'line': The attribute 'qty' is required but missing. Line: 2"],
    [
      '<order><line qty="secret">x</line></order>',
      "Element 'line', attribute 'qty': The value is none of the type quantity. Line: 1",
    ],
    [
      '<order><line qty="1234567">x</line></order>',
      "Element 'line', attribute 'qty': The value does not fit the facet maxInclusive. Line: 1",
    ],
    [
      `<order>${line}<card>secret</card></order>`,
      "Element 'card': This element is not expected. Expected is one of ( line, code ). Line: 1",
    ],
    ["<other/>", "Element 'other': No matching global declaration available for the validation root. Line: 1"],
    ["<order", "It is no well-formed XML. Line: 1, Position: 7"],
    [`<order>${line}`, `It is no well-formed XML. Line: 1, Position: ${`<order>${line}`.length + 1}`],
    ["secret", "It is no well-formed XML. Line: 1, Position: 1"],
    ["", "It is no well-formed XML."],
  ] as const) {
    it(document === "" ? "nothing" : document, () => assert.equal(problemIn(document), problem));
  }

  it("has no document types: no entity is ever expanded or opened", () => {
    const laughs = `<!DOCTYPE order [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><order>&b;</order>`;
    const outside = `<?xml version="1.0"?><!-- <x> --> <!DOCTYPE order SYSTEM "file:///etc/passwd"><order/>`;
    for (const document of [laughs, outside]) assert.equal(problemIn(document), "It has a document type.");
    assert.match(problemIn("<order>&undefined;</order>"), /^It is no well-formed XML/);
  });

  it("puts schemas together that include and import each other", () => {
    const types = schema(
      '<xs:include schemaLocation="main.xsd"/><xs:simpleType name="q"><xs:restriction base="xs:integer"/></xs:simpleType>',
    );
    const other = schema('<xs:element name="note" type="xs:date"/>', 'targetNamespace="urn:n"');
    const main = schema(
      `<xs:include schemaLocation="types.xsd"/><xs:import namespace="urn:n" schemaLocation="http://example.com/n.xsd"/>
       <xs:element name="o"><xs:complexType><xs:sequence><xs:element name="q" type="q"/><xs:element ref="n:note"/></xs:sequence></xs:complexType></xs:element>`,
      'xmlns:n="urn:n"',
    );
    const others = { "types.xsd": types, "http://example.com/n.xsd": other, "main.xsd": main };
    const document = (q: string, note: string): string => `<o><q>${q}</q><n:note xmlns:n="urn:n">${note}</n:note></o>`;
    assert.equal(problemIn(document("1", "2026-02-03"), main, others), "right");
    assert.match(problemIn(document("x", "2026-02-03"), main, others), /none of the type q/);
    assert.match(problemIn(document("1", "never"), main, others), /Element '\{urn:n\}note': .* xs:date/);
  });

  it("says what is wrong with a schema, and where", () => {
    const named = schema('\n<xs:include schemaLocation="part.xsd"/><xs:element name="a" type="t"/>');
    const part = `<?xml version="1.0"?>\n<!-- a\nb -->\n\n${schema(
      '\n<xs:element name="b" type="nowhere"/><xs:simpleType name="t"><xs:restriction base="xs:string"/></xs:simpleType>',
    )}`;
    const problemsOf = (reading: XsdReading): readonly string[] =>
      "problems" in reading ? reading.problems.map(({ path, line: at, message }) => `${path}:${at} ${message}`) : [];
    assert.match(problemsOf(read(named, { "part.xsd": part }))[0] ?? "", /^part\.xsd:6 .*'nowhere' does not resolve/);
    assert.deepEqual(problemsOf(read(named)), ["main.xsd:2 part.xsd is none of the schemas of this definition"]);
    assert.match(
      problemsOf(read("<a/>"))[0] ?? "",
      /^main\.xsd:1 The XML document 'main.xsd' .*is not a schema document/,
    );
    assert.match(problemsOf(read("<a"))[0] ?? "", /^main\.xsd:1 /);
    const typed = `<!DOCTYPE xs:schema [<!ENTITY x "y">]>${order}`;
    assert.deepEqual(problemsOf(read(typed)), ["main.xsd:1 a schema has no document type"]);
  });

  describe("what a document or a schema names", () => {
    let asked = 0;
    const server = createServer((_request, response) => {
      asked += 1;
      response.end(schema('<xs:element name="x"/>', 'targetNamespace="urn:x"'));
    });
    before(async () => {
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
    });
    after(() => server.close());

    it("is not opened: neither the network nor a file", () => {
      const { port } = server.address() as AddressInfo;
      const hint = `xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="http://127.0.0.1:${port}/x.xsd"`;
      assert.match(problemIn(`<x ${hint}/>`), /No matching global declaration/);
      const file = hint.replace(/http:\/\/127[^"]*/, import.meta.filename);
      assert.match(problemIn(`<x ${file}/>`), /No matching global declaration/);
      // As an attacker would have it who could write into a snapshot: a location that was not put in place.
      for (const location of [`http://127.0.0.1:${port}/x.xsd`, "/etc/passwd", import.meta.filename]) {
        const documents = [schema(`<xs:include schemaLocation="${location}"/>`)];
        assert.throws(() => compileXsd(xsd.libxml2, documents), /Failed to load the document/);
      }
      assert.equal(asked, 0);
    });
  });

  it("gives up in a pattern that grows, and where memory ends", () => {
    assert.throws(() => problemIn(`<order>${line}<code>${"a".repeat(60)}</code></order>`), XsdGaveUp);
    const many = `<order>${"<a/>".repeat(6_000_000)}</order>`;
    assert.throws(() => problemIn(many), /too much memory/);
    assert.equal(problemIn(`<order>${line}</order>`), "right");
  });
});
