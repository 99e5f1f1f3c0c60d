import { SaxesParser } from "saxes";
import { NetException } from "#notation/csharp/value/net-exception.ts";
import { step } from "#notation/csharp/value/run.ts";
import {
  XAttribute,
  XCData,
  XComment,
  type XContainer,
  XDeclaration,
  XDocument,
  XElement,
  XInstruction,
  XName,
  XText,
} from "./node.ts";

const maxDepth = 200;

/**
 * Reads an XML document with its namespaces. White space between elements goes, as XDocument.Parse has it; a document
 * type is refused, because its entities can grow without end.
 * @throws NetException XmlException
 */
export function parseXml(text: string, keepsBlanks = false): XDocument {
  const document = new XDocument();
  const open: XContainer[] = [document];
  const parser = new SaxesParser({ xmlns: true });
  const add = (node: XText | XComment | XInstruction): void => top(open).insert(top(open).nodes.length, node);
  parser.on("error", (error) => fail(error.message));
  parser.on("doctype", () => fail("For security reasons DTD is prohibited in this XML document."));
  parser.on("xmldecl", ({ version, encoding, standalone }) => {
    document.declaration = new XDeclaration(version ?? null, encoding ?? null, standalone ?? null);
  });
  parser.on("opentag", (tag) => {
    step();
    if (open.length > maxDepth) fail("The document is nested too deeply.");
    const made = new XElement(new XName(tag.uri, tag.local));
    for (const { uri, local, prefix, value } of Object.values(tag.attributes)) {
      const name = prefix === "" && local === "xmlns" ? new XName("", "xmlns") : new XName(uri, local);
      made.takeAttribute(new XAttribute(name, value));
    }
    const parent = top(open);
    parent.insert(parent.nodes.length, made);
    open.push(made);
  });
  parser.on("closetag", () => void open.pop());
  parser.on("text", (content) => {
    if (open.length > 1 && (keepsBlanks || content.trim() !== "")) add(new XText(content));
  });
  parser.on("cdata", (content) => add(new XCData(content)));
  parser.on("comment", (content) => add(new XComment(content)));
  parser.on("processinginstruction", ({ target, body }) => add(new XInstruction(target, body)));
  parser.write(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text).close();
  if (document.root === null) fail("Root element is missing.");
  return document;
}

function top(open: readonly XContainer[]): XContainer {
  return open.at(-1) as XContainer;
}

function fail(message: string): never {
  throw new NetException("XmlException", message);
}
