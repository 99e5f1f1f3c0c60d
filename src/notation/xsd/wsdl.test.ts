import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { compileXsd } from "./compile-xsd.ts";
import { loadXsd, type Xsd } from "./library.ts";
import { readWsdl } from "./read-wsdl.ts";
import { readXsd, type XsdReading } from "./read-xsd.ts";
import { soapDocuments } from "./soap-documents.ts";
import { validateXml } from "./validate-xml.ts";

/** Two schemas of one namespace, which need each other, and one that they import by its namespace alone. */
const types = `
    <xs:schema targetNamespace="urn:orders" elementFormDefault="qualified">
      <xs:import namespace="urn:parts"/>
      <xs:element name="GetOrder"><xs:complexType><xs:sequence>
        <xs:element name="id" type="tns:id"/><xs:element ref="p:part" minOccurs="0"/>
      </xs:sequence></xs:complexType></xs:element>
    </xs:schema>
    <xs:schema targetNamespace="urn:orders">
      <xs:simpleType name="id"><xs:restriction base="xs:integer"/></xs:simpleType>
      <xs:element name="GetOrderResponse" type="tns:id"/>
    </xs:schema>
    <xs:schema targetNamespace="urn:parts"><xs:element name="part" type="xs:boolean"/></xs:schema>`;

const wsdl = (inside: string, around = ""): string => `<?xml version="1.0"?>
<wsdl:definitions xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:tns="urn:orders" xmlns:p="urn:parts">
  <wsdl:types>${inside}
  </wsdl:types>${around}
</wsdl:definitions>`;

const soap11 = "http://schemas.xmlsoap.org/soap/envelope/";
const soap12 = "http://www.w3.org/2003/05/soap-envelope";
const envelope = (body: string, header = "", namespace = soap11): string =>
  `<s:Envelope xmlns:s="${namespace}" xmlns:o="urn:orders">${header}<s:Body>${body}</s:Body></s:Envelope>`;
const order = "<o:GetOrder><o:id>7</o:id></o:GetOrder>";
const fault11 = "<s:Fault><faultcode>s:Client</faultcode><faultstring>no</faultstring></s:Fault>";
const fault12 =
  "<s:Fault><s:Code><s:Value>s:Sender</s:Value></s:Code><s:Reason><s:Text xml:lang='en'>no</s:Text></s:Reason></s:Fault>";

describe("a WSDL document", () => {
  let xsd: Xsd;
  before(async () => {
    xsd = await loadXsd();
  });

  const read = (text: string, others: Readonly<Record<string, string>> = {}): XsdReading =>
    readWsdl(xsd.libxml2, { path: "orders.wsdl", text }, (location) => {
      const found = others[location];
      return found === undefined ? undefined : { path: location, text: found };
    });

  function held(reading: XsdReading, message: string, direction: "request" | "response" | "plain" = "request"): string {
    assert.ok("documents" in reading, JSON.stringify(reading));
    const { documents, main } =
      direction === "plain" ? { ...reading, main: 0 } : soapDocuments(reading.documents, reading.namespace, direction);
    const validator = compileXsd(xsd.libxml2, documents, main);
    try {
      return validateXml(xsd, validator, message, direction !== "plain") ?? "right";
    } finally {
      validator.dispose();
    }
  }

  it("holds the body's child of an envelope to its schemas, those of one namespace together", () => {
    const orders = read(wsdl(types));
    assert.equal(held(orders, envelope(order)), "right");
    assert.equal(held(orders, envelope(order, "", soap12)), "right");
    const withPart = order.replace("</o:GetOrder>", "<p:part xmlns:p='urn:parts'>true</p:part></o:GetOrder>");
    assert.equal(held(orders, envelope(withPart)), "right");
    assert.match(
      held(orders, envelope(withPart.replace("true", "often"))),
      /part': The value is none of the type xs:boolean/,
    );
    assert.match(
      held(orders, envelope(order.replace("7", "seven"))),
      /^Element '\{urn:orders\}id': The value is none of the type \{urn:orders\}id\. Line: 1$/,
    );
    assert.equal(held(orders, envelope("<o:GetOrderResponse>7</o:GetOrderResponse>"), "response"), "right");
    assert.equal(held(orders, order.replace(">", ' xmlns:o="urn:orders">'), "plain"), "right");
  });

  for (const [name, message] of [
    ["an element that no schema declares", envelope("<o:Other/>")],
    ["an element without a namespace", envelope("<GetOrder/>")],
    ["no element", envelope("")],
    ["two of them", envelope(order + order)],
    ["two bodies", envelope(order).replace("</s:Body>", `</s:Body><s:Body>${order}</s:Body>`)],
    ["something behind the body", envelope(order).replace("</s:Body>", "</s:Body><o:x/>")],
    ["an envelope of another namespace", envelope(order, "", "urn:other")],
    ["no envelope", order.replace(">", ' xmlns:o="urn:orders">')],
    ["a fault in a request", envelope(fault11)],
    ["a header behind the body", envelope(order).replace("</s:Body>", "</s:Body><s:Header/>")],
  ] as const) {
    it(`lets ${name} not pass`, () => assert.notEqual(held(read(wsdl(types)), message), "right"));
  }

  it("lets headers pass that nobody declares, and holds others to what is declared", () => {
    const orders = read(wsdl(types));
    const security = '<s:Header><w:Security xmlns:w="urn:w" s:mustUnderstand="1"><a/></w:Security></s:Header>';
    assert.equal(held(orders, envelope(order, security)), "right");
    const part = (text: string): string => `<s:Header><p:part xmlns:p="urn:parts">${text}</p:part></s:Header>`;
    assert.equal(held(orders, envelope(order, part("true"))), "right");
    assert.match(held(orders, envelope(order, part("often"))), /xs:boolean/);
  });

  it("knows faults in responses, by the version of the envelope", () => {
    const orders = read(wsdl(types));
    assert.equal(held(orders, envelope(fault11), "response"), "right");
    assert.equal(held(orders, envelope(fault12, "", soap12), "response"), "right");
    const detailed = fault11.replace(
      "</s:Fault>",
      "<detail><p:part xmlns:p='urn:parts'>often</p:part></detail></s:Fault>",
    );
    assert.match(held(orders, envelope(detailed), "response"), /xs:boolean/);
    assert.notEqual(held(orders, envelope(fault11.replace("<faultstring>no</faultstring>", "")), "response"), "right");
  });

  it("is not the only one: a schema by its name does as well, with a namespace or without", () => {
    const text = (target: string): string =>
      `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"${target}><xs:element name="a" type="xs:integer"/></xs:schema>`;
    const own = readXsd(xsd.libxml2, { path: "a.xsd", text: text(' targetNamespace="urn:a"') }, () => undefined);
    assert.equal(held(own, envelope('<a xmlns="urn:a">1</a>')), "right");
    assert.notEqual(held(own, envelope("<a>1</a>")), "right");
    const none = readXsd(xsd.libxml2, { path: "a.xsd", text: text("") }, () => undefined);
    assert.equal(held(none, envelope("<a>1</a>")), "right");
    assert.match(held(none, envelope("<a>x</a>")), /xs:integer/);
  });

  it("finds what has a location elsewhere in the definition, and nothing beside it", () => {
    const importing = types.replace(
      '<xs:schema targetNamespace="urn:parts"><xs:element name="part" type="xs:boolean"/></xs:schema>',
      "",
    );
    const located = importing.replace('namespace="urn:parts"', 'namespace="urn:parts" schemaLocation="parts.xsd"');
    const parts =
      '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:parts"><xs:element name="part" type="xs:boolean"/></xs:schema>';
    assert.equal(held(read(wsdl(located), { "parts.xsd": parts }), envelope(order)), "right");
    assert.deepEqual(read(wsdl(located)), {
      problems: [
        { path: "orders.wsdl", line: 5, column: 1, message: "parts.xsd is none of the schemas of this definition" },
      ],
    });
    assert.ok("problems" in read(wsdl(importing)));
  });

  for (const [name, text, line, message] of [
    ["is none", "<a/>", 1, /no WSDL 1.1 document/],
    ["is WSDL 2.0", '<description xmlns="http://www.w3.org/ns/wsdl"/>', 1, /no WSDL 1.1 document/],
    ["is no XML", "<wsdl", 1, /./],
    ["has no schema", wsdl(""), 2, /no XML Schema/],
    ["has a document type", `<!DOCTYPE x [<!ENTITY a "b">]>${wsdl(types)}`, 1, /no document type/],
    ["imports another", wsdl(types, '<wsdl:import namespace="a" location="b"/>'), 15, /write both into one/],
    ["has procedures", wsdl(types, '<wsdl:binding><soap:binding style="rpc"/></wsdl:binding>'), 15, /style rpc/],
    ["has a schema that is wrong", wsdl(types.replace('type="tns:id"/>', 'type="tns:no"/>')), 7, /'\{urn:orders\}no'/],
  ] as const) {
    it(`that ${name} is told at its place`, () => {
      const reading = read(text);
      const [problem] = "problems" in reading ? reading.problems : [];
      assert.match(problem?.message ?? "read", message);
      assert.deepEqual([problem?.path, problem?.line], ["orders.wsdl", line]);
    });
  }
});
