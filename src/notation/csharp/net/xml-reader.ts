import type { TypeTable } from "#notation/csharp/type/type-def.ts";
import { EnumValue } from "#notation/csharp/value/enum-value.ts";
import { argument, argumentNull } from "#notation/csharp/value/net-exception.ts";
import type { NetObject } from "#notation/csharp/value/net-object.ts";
import { text as paid } from "#notation/csharp/value/run.ts";
import { isBlank, type ReaderSettings, XmlReader } from "#notation/csharp/xml/reader.ts";
import type { DomKind, DomNode } from "#notation/dom/node.ts";
import { dtdProcessingTable, xmlNodeTypeTable } from "./enums.ts";

const namespace = "System.Xml";
const typeFacts = { id: "XmlNodeType", table: xmlNodeTypeTable };
const dtdFacts = { id: "DtdProcessing", table: dtdProcessingTable };

/** XmlReaderSettings. A document type is refused whatever they say. */
class Settings implements NetObject, ReaderSettings {
  readonly netType = "XmlReaderSettings";
  ignoresBlanks = false;
  ignoresComments = false;
  ignoresInstructions = false;
  dtd = 0;

  toString(): string {
    return "System.Xml.XmlReaderSettings";
  }
}

interface TextSource {
  readonly text: string;
  at: number;
}

function open(source: TextSource | null, settings: ReaderSettings | null): XmlReader {
  if (source === null) throw argumentNull("input");
  const rest = source.text.slice(source.at);
  source.at = source.text.length;
  return new XmlReader(rest, settings ?? new Settings());
}

const nodeTypes: Partial<Readonly<Record<DomKind, number>>> = {
  element: 1,
  attribute: 2,
  text: 3,
  cdata: 4,
  instruction: 7,
  comment: 8,
  declaration: 17,
};

function nodeType(self: XmlReader): number {
  const { node } = self;
  if (node === null) return 0;
  if (self.isEnd) return 15;
  return isBlank(node) ? 13 : (nodeTypes[node.kind] ?? 0);
}

const hasName = (node: DomNode | null): node is DomNode =>
  node !== null && (node.kind === "element" || node.kind === "attribute" || node.kind === "instruction");

const nameOf = ({ node }: XmlReader): string => (hasName(node) ? node.qualified : "");

const named =
  (name: string) =>
  (node: DomNode): boolean =>
    node.qualified === name;

const within =
  (local: string, uri: string) =>
  ({ name }: DomNode): boolean =>
    name.local === local && name.uri === uri;

const any = (): boolean => true;

/** Attributes of the element that the reader stands at, also while it stands at one of them. */
const attributesOf = (self: XmlReader): readonly DomNode[] => self.element?.attributes ?? [];

const attributeNamed = (self: XmlReader, name: string): DomNode | null => attributesOf(self).find(named(name)) ?? null;

const readerTable: TypeTable = {
  name: "XmlReader",
  namespace,
  kind: "class",
  implements: ["IDisposable"],
  statics: {
    "Create(StringReader input): XmlReader": (source: TextSource | null) => open(source, null),
    "Create(StringReader input, XmlReaderSettings settings): XmlReader": open,
  },
  members: {
    "Read(): bool": (self: XmlReader) => self.read(),
    "EOF: bool": (self: XmlReader) => self.hasEnded,
    "Name: string": nameOf,
    "LocalName: string": ({ node }: XmlReader) => (hasName(node) ? node.name.local : ""),
    "Prefix: string": ({ node }: XmlReader) => (hasName(node) ? node.name.prefix : ""),
    "NamespaceURI: string": ({ node }: XmlReader) => (hasName(node) ? node.name.uri : ""),
    "NodeType: XmlNodeType": (self: XmlReader) => new EnumValue(typeFacts, nodeType(self)),
    "Value: string": ({ node }: XmlReader) => (node === null || node.kind === "element" ? "" : node.value),
    "HasValue: bool": ({ node }: XmlReader) => node !== null && node.kind !== "element",
    "Depth: int": (self: XmlReader) => self.depth,
    "IsEmptyElement: bool": (self: XmlReader) => self.isAtStart && self.node?.isSelfClosing === true,
    "HasAttributes: bool": (self: XmlReader) => attributesOf(self).length > 0,
    "AttributeCount: int": (self: XmlReader) => attributesOf(self).length,
    "this[string name]: string": (self: XmlReader, name: string) => attributeNamed(self, name)?.value ?? null,
    "this[int i]: string": (self: XmlReader, index: number) => attributesOf(self)[index]?.value ?? null,
    "GetAttribute(string name): string": (self: XmlReader, name: string) => attributeNamed(self, name)?.value ?? null,
    "GetAttribute(string localName, string namespaceURI): string": (self: XmlReader, local: string, uri: string) =>
      attributesOf(self).find(within(local, uri))?.value ?? null,
    "GetAttribute(int i): string": (self: XmlReader, index: number) => attributesOf(self)[index]?.value ?? null,
    "MoveToContent(): XmlNodeType": (self: XmlReader) => {
      self.moveToContent();
      return new EnumValue(typeFacts, nodeType(self));
    },
    "MoveToAttribute(string name): bool": (self: XmlReader, name: string) => self.moveTo(attributeNamed(self, name)),
    "MoveToFirstAttribute(): bool": (self: XmlReader) => self.moveTo(attributesOf(self)[0] ?? null),
    "MoveToNextAttribute(): bool": (self: XmlReader) => {
      const all = attributesOf(self);
      // Standing at the element, -1, the first is next.
      return self.moveTo(all[all.indexOf(self.node as DomNode) + 1] ?? null);
    },
    "MoveToElement(): bool": (self: XmlReader) => self.moveToElement(),
    "IsStartElement(): bool": (self: XmlReader) => {
      self.moveToContent();
      return self.isAtStart;
    },
    "IsStartElement(string name): bool": (self: XmlReader, name: string) => {
      self.moveToContent();
      return self.isAtStart && nameOf(self) === name;
    },
    "ReadToFollowing(string name): bool": (self: XmlReader, name: string) => self.seek(named(name)),
    "ReadToFollowing(string localName, string namespaceURI): bool": (self: XmlReader, local: string, uri: string) =>
      self.seek(within(local, uri)),
    "ReadToDescendant(string name): bool": (self: XmlReader, name: string) => self.seek(named(name), self.element),
    "ReadToNextSibling(string name): bool": (self: XmlReader, name: string) => self.seekSibling(named(name)),
    "ReadStartElement(): void": (self: XmlReader) => self.readStart(any),
    "ReadStartElement(string name): void": (self: XmlReader, name: string) => self.readStart(named(name)),
    "ReadEndElement(): void": (self: XmlReader) => self.readEnd(),
    "ReadInnerXml(): string": (self: XmlReader) => self.innerXml(),
    "ReadOuterXml(): string": (self: XmlReader) => self.outerXml(),
    "ReadString(): string": (self: XmlReader) => self.text(),
    "ReadElementString(): string": (self: XmlReader) => {
      self.moveToContent();
      return paid(self.elementText());
    },
    "ReadElementContentAsString(): string": (self: XmlReader) => paid(self.elementText()),
    "Skip(): void": (self: XmlReader) => self.skip(),
    "Close(): void": (self: XmlReader) => self.close(),
  },
};

const settingsTable: TypeTable = {
  name: "XmlReaderSettings",
  namespace,
  kind: "class",
  construct: { "()": () => new Settings() },
  members: {
    "IgnoreWhitespace: bool": (self: Settings) => self.ignoresBlanks,
    "IgnoreComments: bool": (self: Settings) => self.ignoresComments,
    "IgnoreProcessingInstructions: bool": (self: Settings) => self.ignoresInstructions,
    "DtdProcessing: DtdProcessing": (self: Settings) => new EnumValue(dtdFacts, self.dtd),
    "XmlResolver: object": () => null,
  },
  setters: {
    "IgnoreWhitespace: bool": (self: Settings, value: boolean) => {
      self.ignoresBlanks = value;
    },
    "IgnoreComments: bool": (self: Settings, value: boolean) => {
      self.ignoresComments = value;
    },
    "IgnoreProcessingInstructions: bool": (self: Settings, value: boolean) => {
      self.ignoresInstructions = value;
    },
    "DtdProcessing: DtdProcessing": (self: Settings, value: EnumValue) => {
      self.dtd = value.value;
    },
    "XmlResolver: object": (_self: Settings, resolver: unknown) => {
      if (resolver !== null) throw argument("Nothing outside of a document is read.");
    },
  },
};

export const xmlReaderTables: readonly TypeTable[] = [readerTable, settingsTable];
