import { locationOf, type XsdDocuments } from "./compile-xsd.ts";
import { importOf, schemaNamespace, schemaOf } from "./schema-text.ts";

/** Documents with the number of the one to begin with. */
export interface SoapDocuments {
  readonly documents: XsdDocuments;
  readonly main: number;
}

const xs = `xmlns:xs="${schemaNamespace}"`;
const attributes = '<xs:anyAttribute namespace="##any" processContents="lax"/>';

/**
 * A schema of envelopes of SOAP 1.1 and 1.2 whose body is one element that `documents` declare; in a response a fault as
 * well. Header entries are held to what is declared of them, and any other may stand there. A fault has no place in a
 * request: its detail would carry whatever a client likes.
 * @param namespace of the first document; null: it has none
 * @see https://www.w3.org/TR/2000/NOTE-SOAP-20000508/ §4, https://www.w3.org/TR/soap12-part1/#soapenv
 */
export function soapDocuments(
  documents: XsdDocuments,
  namespace: string | null,
  direction: "request" | "response",
): SoapDocuments {
  const first = documents.length;
  const isResponse = direction === "response";
  const envelopes = [envelope(soap11, isResponse ? fault11 : ""), envelope(soap12, isResponse ? fault12 : "")];
  const imports = [importOf(soap11, locationOf(first)), importOf(soap12, locationOf(first + 1))];
  const own = importOf(namespace ?? "", locationOf(0));
  const all = schemaOf("urn:sallyport:soap", [...imports, own]);
  return { documents: [...documents, ...envelopes, all], main: first + 2 };
}

const soap11 = "http://schemas.xmlsoap.org/soap/envelope/";
const soap12 = "http://www.w3.org/2003/05/soap-envelope";

export function isEnvelope(name: string, namespace: string): boolean {
  return name === "Envelope" && (namespace === soap11 || namespace === soap12);
}

function envelope(namespace: string, fault: string): string {
  return `<xs:schema ${xs} xmlns="${namespace}" targetNamespace="${namespace}" elementFormDefault="qualified">
<xs:element name="Envelope"><xs:complexType><xs:sequence>
<xs:element name="Header" minOccurs="0"><xs:complexType><xs:sequence>
<xs:any namespace="##any" processContents="lax" minOccurs="0" maxOccurs="unbounded"/>
</xs:sequence>${attributes}</xs:complexType></xs:element>
<xs:element name="Body"><xs:complexType><xs:sequence><xs:any namespace="##any" processContents="strict"/></xs:sequence>${attributes}</xs:complexType></xs:element>
</xs:sequence>${attributes}</xs:complexType></xs:element>
${fault}</xs:schema>`;
}

const anything = `<xs:complexType><xs:sequence><xs:any namespace="##any" processContents="lax" minOccurs="0" maxOccurs="unbounded"/></xs:sequence>${attributes}</xs:complexType>`;

const fault11 = `<xs:element name="Fault"><xs:complexType><xs:sequence>
<xs:element name="faultcode" form="unqualified" type="xs:QName"/>
<xs:element name="faultstring" form="unqualified" type="xs:string"/>
<xs:element name="faultactor" form="unqualified" type="xs:anyURI" minOccurs="0"/>
<xs:element name="detail" form="unqualified" minOccurs="0">${anything}</xs:element>
</xs:sequence></xs:complexType></xs:element>`;

const fault12 = `<xs:element name="Fault"><xs:complexType><xs:sequence>
<xs:element name="Code">${anything}</xs:element>
<xs:element name="Reason">${anything}</xs:element>
<xs:element name="Node" type="xs:anyURI" minOccurs="0"/>
<xs:element name="Role" type="xs:anyURI" minOccurs="0"/>
<xs:element name="Detail" minOccurs="0">${anything}</xs:element>
</xs:sequence></xs:complexType></xs:element>`;
