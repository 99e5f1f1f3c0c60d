import type { XmlDocument, XmlElement } from "libxml2-wasm";
import type { Libxml2Library } from "./library.ts";
import { hasDocumentType, parseDocument } from "./read-document.ts";
import { type FindXsd, problemsOf, readXsd, type XsdProblem, type XsdReading, type XsdSource } from "./read-xsd.ts";
import { importOf, includeOf, schemaOf, schemaNamespace } from "./schema-text.ts";

const prefixes = {
  wsdl: "http://schemas.xmlsoap.org/wsdl/",
  soap11: "http://schemas.xmlsoap.org/wsdl/soap/",
  soap12: "http://schemas.xmlsoap.org/wsdl/soap12/",
  xs: schemaNamespace,
};

/** Their messages have no element that a schema declares. @see https://www.w3.org/TR/wsdl.html §3.5 */
const ofProcedures = ["soap11", "soap12"]
  .flatMap((soap) => [
    `//${soap}:binding[@style="rpc"]`,
    `//${soap}:operation[@style="rpc"]`,
    `//${soap}:body[@use="encoded"]`,
  ])
  .join("|");

/** What its schemas refer to each other by, in place of locations; a document of the definition has none of these names. */
const locationOf = (index: number): string => `wsdl:${index}`;

/**
 * Reads the schemas in the types of a WSDL 1.1 document as one: each of their elements may stand at the top. What they
 * import of each other is found by its namespace, everything else by `find`.
 */
export function readWsdl(library: Libxml2Library, main: XsdSource, find: FindXsd): XsdReading {
  if (hasDocumentType(main.text)) return failed(main, 1, "a WSDL document has no document type");
  let document: XmlDocument;
  try {
    document = parseDocument(library, main.text);
  } catch (error) {
    return { problems: problemsOf(library, error, main) };
  }
  try {
    const problem = problemOf(document, main);
    if (problem !== undefined) return { problems: [problem] };
    const parts = partsOf(document.find("/wsdl:definitions/wsdl:types/xs:schema", prefixes) as XmlElement[], main);
    return readXsd(library, parts.all, (location, from) => parts.find(location) ?? find(location, from));
  } finally {
    document.dispose();
  }
}

function problemOf(document: XmlDocument, main: XsdSource): XsdProblem | undefined {
  const { root } = document;
  const told = (line: number, message: string): XsdProblem => ({ path: main.path, line, column: 1, message });
  if (root.name !== "definitions" || root.namespaceUri !== prefixes.wsdl) {
    return told(root.line, "this is no WSDL 1.1 document: its root is no definitions");
  }
  const [imported] = document.find("/wsdl:definitions/wsdl:import", prefixes) as XmlElement[];
  if (imported !== undefined) return told(imported.line, "it imports another WSDL document: write both into one");
  const [procedure] = document.find(ofProcedures, prefixes) as XmlElement[];
  if (procedure !== undefined) {
    return told(
      procedure.line,
      "messages of style rpc, or encoded ones, have no element in a schema: document and literal have",
    );
  }
  const [schema] = document.find("/wsdl:definitions/wsdl:types/xs:schema", prefixes);
  return schema === undefined ? told(root.line, "it has no XML Schema in its types") : undefined;
}

interface Parts {
  /** Imports every namespace. */
  readonly all: XsdSource;
  readonly find: (location: string) => XsdSource | undefined;
}

/** libxml2 takes one document for a namespace, so several schemas of one are included in one. */
function partsOf(schemas: readonly XmlElement[], main: XsdSource): Parts {
  const spaces = new Map<string, number[]>();
  for (const [index, schema] of schemas.entries()) {
    const space = schema.attr("targetNamespace")?.value ?? "";
    spaces.set(space, [...(spaces.get(space) ?? []), index]);
  }
  const places = new Map<string, string>();
  const sources = new Map<string, XsdSource>();
  const add = (location: string, text: string): void => void sources.set(location, { path: main.path, text, location });
  for (const [space, [first = 0, ...more]] of spaces) {
    const location = locationOf(more.length === 0 ? first : schemas.length + places.size);
    places.set(space, location);
    if (more.length > 0)
      add(
        location,
        schemaOf(
          space,
          [first, ...more].map((index) => includeOf(locationOf(index))),
        ),
      );
  }
  for (const [index, schema] of schemas.entries()) add(locationOf(index), textOf(schema, places));
  const imports = [...places].map(([space, location]) => importOf(space, location));
  const text = schemaOf("urn:sallyport:wsdl", imports);
  return { all: { path: main.path, text, location: "wsdl:all" }, find: (location) => sources.get(location) };
}

/** By itself: with what was declared around it, at its lines, and with imports that lead to the others. */
function textOf(schema: XmlElement, places: ReadonlyMap<string, string>): string {
  const { line } = schema;
  for (const [prefix, uri] of Object.entries(schema.namespaces)) {
    if (prefix === "xml" || Object.hasOwn(schema.nsDeclarations, prefix)) continue;
    schema.addNsDeclaration(uri, prefix === "" ? undefined : prefix);
  }
  for (const node of schema.find("xs:import", prefixes)) {
    const element = node as XmlElement;
    const place = places.get(element.attr("namespace")?.value ?? "");
    if (place !== undefined) element.setAttr("schemaLocation", place);
  }
  return "\n".repeat(Math.max(0, line - 1)) + schema.toString({ format: false, noDeclaration: true });
}

function failed(main: XsdSource, line: number, message: string): XsdReading {
  return { problems: [{ path: main.path, line, column: 1, message }] };
}
