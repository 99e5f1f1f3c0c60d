import { hostType } from "#notation/csharp/type/host-type.ts";
import { tokenAs } from "#notation/csharp/json/convert.ts";
import { JValue } from "#notation/csharp/json/token.ts";
import type { Implementation, TypeTable } from "#notation/csharp/type/type-def.ts";
import { EnumValue } from "#notation/csharp/value/enum-value.ts";
import { iterate } from "#notation/csharp/value/iterate.ts";
import type { NetArray } from "#notation/csharp/value/net-array.ts";
import { argumentNull, invalidOperation } from "#notation/csharp/value/net-exception.ts";
import { step } from "#notation/csharp/value/run.ts";
import { Sequence } from "#notation/csharp/value/sequence.ts";
import { addContent, xmlText } from "#notation/csharp/xml/content.ts";
import {
  nameOf,
  XAttribute,
  XCData,
  XComment,
  type XContainer,
  XDeclaration,
  XDocument,
  XElement,
  XInstruction,
  XName,
  XNamespace,
  type XNode,
  type XObject,
  XText,
  xmlnsUri,
  xmlUri,
} from "#notation/csharp/xml/node.ts";
import { linqOf } from "#notation/csharp/xml/linq-of-dom.ts";
import { parseXml } from "#notation/csharp/xml/parse.ts";
import type { XmlReader } from "#notation/csharp/xml/reader.ts";
import { writeXml } from "#notation/csharp/xml/write.ts";
import { xmlNodeTypeTable } from "./enums.ts";

const namespace = "System.Xml.Linq";
const typeFacts = { id: "XmlNodeType", table: xmlNodeTypeTable };

function* descendants(self: XContainer, isSelf: boolean): Generator<XNode> {
  step();
  if (isSelf) yield self;
  for (const node of self.nodes) {
    if (node instanceof XElement) yield* descendants(node, true);
    else yield node;
  }
}

function* ancestors(self: XObject | null): Generator<XContainer> {
  for (let at = self?.parent ?? null; at !== null; at = at.parent) if (at instanceof XElement) yield at;
}

const elementsIn = (nodes: Iterable<XNode>, name: XName | null): XElement[] =>
  [...nodes].filter((node): node is XElement => node instanceof XElement && (name === null || node.name.equals(name)));

const lazily = (make: () => Iterable<unknown>): Sequence => new Sequence(make);

function parsed(text: string | null): XDocument {
  if (text === null) throw argumentNull("text");
  return parseXml(text);
}

function written(self: XNode, options: EnumValue): string {
  return writeXml(self, (options.value & 1) === 0);
}

function setElement(self: XElement, name: XName, value: unknown): void {
  const known = self.elements.find((each) => each.name.equals(name));
  if (value === null) known?.remove();
  else if (known !== undefined) setValue(known, value);
  else {
    const made = new XElement(name);
    addContent(made, value);
    self.insert(self.nodes.length, made);
  }
}

function setAttribute(self: XElement, name: XName, value: unknown): void {
  const known = self.attribute(name);
  if (value === null) known?.remove();
  else if (known !== undefined) known.value = xmlText(value);
  else self.addAttribute(new XAttribute(name, xmlText(value)));
}

function setValue(self: XElement, value: unknown): void {
  self.clear();
  addContent(self, value);
}

function replace(self: XNode, content: unknown): void {
  const { parent, position } = self;
  if (parent === null) throw invalidOperation("The parent is missing.");
  self.remove();
  addContent(parent, content, position);
}

function replaceAttributes(self: XElement, content: unknown): void {
  self.attributes.splice(0);
  addContent(self, content);
}

function replaceNodes(self: XContainer, content: unknown): void {
  self.clear();
  addContent(self, content);
}

function beside(self: XNode, content: unknown, offset: number): void {
  if (self.parent === null) throw invalidOperation("The parent is missing.");
  addContent(self.parent, content, self.position + offset);
}

const castTypes = [
  "string",
  "bool",
  "int",
  "uint",
  "long",
  "ulong",
  "float",
  "double",
  "decimal",
  "DateTime",
  "DateTimeOffset",
  "TimeSpan",
  "Guid",
];
const ids: Readonly<Record<string, string>> = {
  string: "String",
  bool: "Boolean",
  int: "Int32",
  uint: "UInt32",
  long: "Int64",
  ulong: "UInt64",
  float: "Single",
  double: "Double",
  decimal: "Decimal",
};

/** `(int)element`, `(string)attribute`: what their text says. */
function casts(owner: string): Record<string, Implementation> {
  const made: Record<string, Implementation> = {};
  for (const alias of castTypes) {
    const read = (self: { readonly value: string }): unknown =>
      alias === "bool"
        ? /^\s*(true|1)\s*$/i.test(self.value)
        : tokenAs(hostType(ids[alias] ?? alias), new JValue(self.value));
    made[`explicit(${owner}): ${alias}`] = (self: { readonly value: string } | null) => {
      if (self !== null) return alias === "string" ? self.value : read(self);
      if (alias === "string") return null;
      throw argumentNull(owner === "XElement" ? "element" : "attribute");
    };
    if (alias !== "string")
      made[`explicit(${owner}): ${alias}?`] = (self: { readonly value: string } | null) =>
        self === null ? null : read(self);
  }
  return made;
}

const elementMembers: NonNullable<TypeTable["members"]> = {
  "Name: XName": (self: XElement) => self.name,
  "Value: string": (self: XElement) => self.value,
  "IsEmpty: bool": (self: XElement) => self.nodes.length === 0,
  "HasElements: bool": (self: XElement) => self.elements.length > 0,
  "HasAttributes: bool": (self: XElement) => self.attributes.length > 0,
  "FirstAttribute: XAttribute": (self: XElement) => self.attributes[0] ?? null,
  "LastAttribute: XAttribute": (self: XElement) => self.attributes.at(-1) ?? null,
  "Attribute(XName name): XAttribute": (self: XElement, name: XName) => self.attribute(name) ?? null,
  "Attributes(): IEnumerable<XAttribute>": (self: XElement) => lazily(() => [...self.attributes]),
  "Attributes(XName name): IEnumerable<XAttribute>": (self: XElement, name: XName) =>
    lazily(() => self.attributes.filter((each) => each.name.equals(name))),
  "DescendantsAndSelf(): IEnumerable<XElement>": (self: XElement) =>
    lazily(() => elementsIn(descendants(self, true), null)),
  "DescendantsAndSelf(XName name): IEnumerable<XElement>": (self: XElement, name: XName) =>
    lazily(() => elementsIn(descendants(self, true), name)),
  "AncestorsAndSelf(): IEnumerable<XElement>": (self: XElement) => lazily(() => [self, ...ancestors(self)]),
  "SetElementValue(XName name, object value): void": setElement,
  "SetAttributeValue(XName name, object value): void": setAttribute,
  "SetValue(object value): void": setValue,
  "RemoveAttributes(): void": (self: XElement) => void self.attributes.splice(0),
  "ReplaceAttributes(object content): void": replaceAttributes,
  "ReplaceAttributes(params object[] content): void": replaceAttributes,
  "RemoveAll(): void": (self: XElement) => {
    self.attributes.splice(0);
    self.clear();
  },
  "ReplaceAll(object content): void": (self: XElement, content: unknown) => setValue(self, content),
  "GetDefaultNamespace(): XNamespace": (self: XElement) => new XNamespace(prefixed(self, null) ?? ""),
  "GetNamespaceOfPrefix(string prefix): XNamespace": (self: XElement, prefix: string) => {
    const uri = prefixed(self, prefix);
    return uri === undefined ? null : new XNamespace(uri);
  },
};

function prefixed(self: XElement, prefix: string | null): string | undefined {
  for (const at of [self, ...ancestors(self)]) {
    const found = (at as XElement).attributes.find(
      (each) =>
        each.isNamespace &&
        (prefix === null ? each.name.uri === "" : each.name.uri === xmlnsUri && each.name.local === prefix),
    );
    if (found !== undefined) return found.value;
  }
  return undefined;
}

function elementWith(name: XName, content: readonly unknown[]): XElement {
  const element = new XElement(name);
  for (const item of content) addContent(element, item);
  return element;
}

const elementTable: TypeTable = {
  name: "XElement",
  namespace,
  kind: "class",
  base: "XContainer",
  construct: {
    "(XName name)": (name: XName) => elementWith(name, []),
    "(XElement other)": (other: XElement) => other.clone(),
    "(XName name, object content)": (name: XName, content: unknown) => elementWith(name, [content]),
    "(XName name, params object[] content)": (name: XName, content: NetArray | null) =>
      elementWith(name, content?.items ?? []),
  },
  statics: {
    "Parse(string text): XElement": (text: string | null) => {
      const { root } = parsed(text);
      root?.remove();
      return root;
    },
    "Parse(string text, LoadOptions options): XElement": (text: string, options: EnumValue) => {
      const { root } = parseXml(text, options.value === 1);
      root?.remove();
      return root;
    },
  },
  members: elementMembers,
  setters: {
    "Value: string": (self: XElement, value: string) => setValue(self, value),
    "Name: XName": (self: XElement, name: XName) => {
      self.name = name;
    },
  },
  operators: casts("XElement"),
};

const objectTable: TypeTable = {
  name: "XObject",
  namespace,
  kind: "class",
  members: {
    "Parent: XElement": (self: XObject) => (self.parent instanceof XElement ? self.parent : null),
    "Document: XDocument": (self: XObject) => {
      let at: XObject | null = self;
      while (at !== null && !(at instanceof XDocument)) at = at.parent;
      return at;
    },
    "NodeType: XmlNodeType": (self: XObject) => new EnumValue(typeFacts, self.nodeType),
  },
};

const nodeTable: TypeTable = {
  name: "XNode",
  namespace,
  kind: "class",
  base: "XObject",
  members: {
    "NextNode: XNode": (self: XNode) => self.row[self.position + 1] ?? null,
    "PreviousNode: XNode": (self: XNode) => self.row[self.position - 1] ?? null,
    "Remove(): void": (self: XNode) => self.remove(),
    "ReplaceWith(object content): void": replace,
    "ReplaceWith(params object[] content): void": replace,
    "AddAfterSelf(object content): void": (self: XNode, content: unknown) => beside(self, content, 1),
    "AddAfterSelf(params object[] content): void": (self: XNode, content: unknown) => beside(self, content, 1),
    "AddBeforeSelf(object content): void": (self: XNode, content: unknown) => beside(self, content, 0),
    "AddBeforeSelf(params object[] content): void": (self: XNode, content: unknown) => beside(self, content, 0),
    "Ancestors(): IEnumerable<XElement>": (self: XNode) => lazily(() => ancestors(self)),
    "Ancestors(XName name): IEnumerable<XElement>": (self: XNode, name: XName) =>
      lazily(() => elementsIn(ancestors(self), name)),
    "ElementsAfterSelf(): IEnumerable<XElement>": (self: XNode) =>
      lazily(() => elementsIn(self.row.slice(self.position + 1), null)),
    "ElementsBeforeSelf(): IEnumerable<XElement>": (self: XNode) =>
      lazily(() => elementsIn(self.row.slice(0, self.position), null)),
    "NodesAfterSelf(): IEnumerable<XNode>": (self: XNode) => lazily(() => self.row.slice(self.position + 1)),
    "ToString(SaveOptions options): string": written,
  },
  statics: {
    "ReadFrom(XmlReader reader): XNode": (reader: XmlReader) => {
      const { node } = reader;
      if (node === null || reader.isEnd) throw invalidOperation("The XmlReader state should be Interactive.");
      const made = linqOf(node);
      reader.skip();
      return made;
    },
    "DeepEquals(XNode n1, XNode n2): bool": (a: XNode | null, b: XNode | null) =>
      a === null || b === null ? a === b : writeXml(a, false) === writeXml(b, false),
  },
};

const containerTable: TypeTable = {
  name: "XContainer",
  namespace,
  kind: "class",
  base: "XNode",
  members: {
    "Element(XName name): XElement": (self: XContainer, name: XName) =>
      self.elements.find((each) => each.name.equals(name)) ?? null,
    "Elements(): IEnumerable<XElement>": (self: XContainer) => lazily(() => self.elements),
    "Elements(XName name): IEnumerable<XElement>": (self: XContainer, name: XName) =>
      lazily(() => elementsIn(self.nodes, name)),
    "Descendants(): IEnumerable<XElement>": (self: XContainer) =>
      lazily(() => elementsIn(descendants(self, false), null)),
    "Descendants(XName name): IEnumerable<XElement>": (self: XContainer, name: XName) =>
      lazily(() => elementsIn(descendants(self, false), name)),
    "DescendantNodes(): IEnumerable<XNode>": (self: XContainer) => lazily(() => descendants(self, false)),
    "Nodes(): IEnumerable<XNode>": (self: XContainer) => lazily(() => [...self.nodes]),
    "FirstNode: XNode": (self: XContainer) => self.nodes[0] ?? null,
    "LastNode: XNode": (self: XContainer) => self.nodes.at(-1) ?? null,
    "Add(object content): void": (self: XContainer, content: unknown) => addContent(self, content),
    "Add(params object[] content): void": (self: XContainer, content: unknown) => addContent(self, content),
    "AddFirst(object content): void": (self: XContainer, content: unknown) => addContent(self, content, 0),
    "AddFirst(params object[] content): void": (self: XContainer, content: unknown) => addContent(self, content, 0),
    "RemoveNodes(): void": (self: XContainer) => self.clear(),
    "ReplaceNodes(object content): void": replaceNodes,
    "ReplaceNodes(params object[] content): void": replaceNodes,
  },
};

function documentOf(content: readonly unknown[]): XDocument {
  const document = new XDocument();
  for (const item of content) addContent(document, item);
  return document;
}

const documentTable: TypeTable = {
  name: "XDocument",
  namespace,
  kind: "class",
  base: "XContainer",
  construct: {
    "()": () => new XDocument(),
    "(params object[] content)": (content: NetArray | null) => documentOf(content?.items ?? []),
    "(XDeclaration declaration, params object[] content)": (declaration: XDeclaration, content: NetArray | null) =>
      Object.assign(documentOf(content?.items ?? []), { declaration }),
    "(XDocument other)": (other: XDocument) => other.clone(),
  },
  statics: {
    "Parse(string text): XDocument": parsed,
    "Parse(string text, LoadOptions options): XDocument": (text: string, options: EnumValue) =>
      parseXml(text, options.value === 1),
  },
  members: {
    "Root: XElement": (self: XDocument) => self.root,
    "Declaration: XDeclaration": (self: XDocument) => self.declaration,
  },
};

const attributeTable: TypeTable = {
  name: "XAttribute",
  namespace,
  kind: "class",
  base: "XObject",
  construct: { "(XName name, object value)": (name: XName, value: unknown) => new XAttribute(name, xmlText(value)) },
  members: {
    "Name: XName": (self: XAttribute) => self.name,
    "Value: string": (self: XAttribute) => self.value,
    "IsNamespaceDeclaration: bool": (self: XAttribute) => self.isNamespace,
    "Remove(): void": (self: XAttribute) => self.remove(),
    "SetValue(object value): void": (self: XAttribute, value: unknown) => {
      self.value = xmlText(value);
    },
  },
  setters: {
    "Value: string": (self: XAttribute, value: string) => {
      self.value = value;
    },
  },
  operators: casts("XAttribute"),
};

const nameTable: TypeTable = {
  name: "XName",
  namespace,
  kind: "class",
  statics: {
    "Get(string expandedName): XName": nameOf,
    "Get(string localName, string namespaceName): XName": (local: string, uri: string) => new XName(uri, local),
  },
  members: {
    "LocalName: string": (self: XName) => self.local,
    "NamespaceName: string": (self: XName) => self.uri,
    "Namespace: XNamespace": (self: XName) => new XNamespace(self.uri),
  },
  operators: {
    "implicit(string): XName": (text: string | null) => (text === null ? null : nameOf(text)),
    "==(XName, XName): bool": (a: XName | null, b: XName | null) => a === b || (a?.equals(b) ?? false),
    "!=(XName, XName): bool": (a: XName | null, b: XName | null) => !(a === b || (a?.equals(b) ?? false)),
  },
};

const namespaceTable: TypeTable = {
  name: "XNamespace",
  namespace,
  kind: "class",
  statics: {
    "None: XNamespace": () => new XNamespace(""),
    "Xml: XNamespace": () => new XNamespace(xmlUri),
    "Xmlns: XNamespace": () => new XNamespace(xmlnsUri),
    "Get(string namespaceName): XNamespace": (uri: string) => new XNamespace(uri),
  },
  members: {
    "NamespaceName: string": (self: XNamespace) => self.uri,
    "GetName(string localName): XName": (self: XNamespace, local: string) => new XName(self.uri, local),
  },
  operators: {
    "implicit(string): XNamespace": (uri: string | null) => (uri === null ? null : new XNamespace(uri)),
    "+(XNamespace, string): XName": (self: XNamespace, local: string) => new XName(self.uri, local),
    "==(XNamespace, XNamespace): bool": (a: XNamespace | null, b: XNamespace | null) =>
      a === b || (a?.equals(b) ?? false),
    "!=(XNamespace, XNamespace): bool": (a: XNamespace | null, b: XNamespace | null) =>
      !(a === b || (a?.equals(b) ?? false)),
  },
};

type Text = XText | XComment;

function textTable(name: string, base: string, make: (value: string) => unknown): TypeTable {
  return {
    name,
    namespace,
    kind: "class",
    base,
    construct: { "(string value)": make },
    members: { "Value: string": (self: Text) => self.value },
    setters: {
      "Value: string": (self: Text, value: string) => {
        self.value = value;
      },
    },
  };
}

const over = (source: unknown): XElement[] => [...iterate(source)] as XElement[];

const extensionsTable: TypeTable = {
  name: "XmlLinqExtensions",
  namespace,
  kind: "static",
  statics: {
    "Elements<T>(this IEnumerable<T> source): IEnumerable<XElement>": (source: unknown) =>
      lazily(() => over(source).flatMap((each) => [...each.elements])),
    "Elements<T>(this IEnumerable<T> source, XName name): IEnumerable<XElement>": (source: unknown, name: XName) =>
      lazily(() => over(source).flatMap((each) => elementsIn(each.nodes, name))),
    "Descendants<T>(this IEnumerable<T> source, XName name): IEnumerable<XElement>": (source: unknown, name: XName) =>
      lazily(() => over(source).flatMap((each) => elementsIn(descendants(each, false), name))),
    "Attributes(this IEnumerable<XElement> source): IEnumerable<XAttribute>": (source: unknown) =>
      lazily(() => over(source).flatMap((each) => [...each.attributes])),
    "Attributes(this IEnumerable<XElement> source, XName name): IEnumerable<XAttribute>": (
      source: unknown,
      name: XName,
    ) => lazily(() => over(source).flatMap((each) => each.attribute(name) ?? [])),
    "Remove(this IEnumerable<XNode> source): void": (source: unknown) => {
      for (const each of over(source)) each.remove();
    },
    "Remove(this IEnumerable<XAttribute> source): void": (source: unknown) => {
      for (const each of over(source)) each.remove();
    },
  },
};

export const xmlTables: readonly TypeTable[] = [
  objectTable,
  nodeTable,
  containerTable,
  elementTable,
  documentTable,
  attributeTable,
  nameTable,
  namespaceTable,
  textTable("XText", "XNode", (value) => new XText(value)),
  textTable("XCData", "XText", (value) => new XCData(value)),
  textTable("XComment", "XNode", (value) => new XComment(value)),
  {
    name: "XProcessingInstruction",
    namespace,
    kind: "class",
    base: "XNode",
    construct: { "(string target, string data)": (target: string, data: string) => new XInstruction(target, data) },
    members: {
      "Target: string": (self: XInstruction) => self.target,
      "Data: string": (self: XInstruction) => self.data,
    },
  },
  {
    name: "XDeclaration",
    namespace,
    kind: "class",
    construct: {
      "(string version, string encoding, string standalone)": (
        version: string | null,
        encoding: string | null,
        standalone: string | null,
      ) => new XDeclaration(version, encoding, standalone),
    },
    members: {
      "Version: string": (self: XDeclaration) => self.version,
      "Encoding: string": (self: XDeclaration) => self.encoding,
      "Standalone: string": (self: XDeclaration) => self.standalone,
    },
  },
  extensionsTable,
];
