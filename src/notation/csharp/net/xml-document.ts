import type { Implementation, TypeTable } from "#notation/csharp/type/type-def.ts";
import { EnumValue } from "#notation/csharp/value/enum-value.ts";
import { argument, argumentNull, invalidOperation, outOfRange } from "#notation/csharp/value/net-exception.ts";
import { text as paid } from "#notation/csharp/value/run.ts";
import { elementsIn, elementsNamed, parseDom, parseFragment, selectNodes } from "#notation/csharp/xml/dom.ts";
import { NamespaceManager } from "#notation/csharp/xml/namespace-manager.ts";
import { NodeList } from "#notation/csharp/xml/node-list.ts";
import { runMeter } from "#notation/csharp/xml/run-meter.ts";
import {
  copyOf,
  type DomKind,
  type DomName,
  DomNode,
  namespaceOf,
  textOf,
  topOf,
  xmlnsUri,
  xmlUri,
} from "#notation/dom/node.ts";
import { writeDom, writeInner } from "#notation/dom/write.ts";
import { xmlNodeTypeTable } from "./enums.ts";

const namespace = "System.Xml";
const typeFacts = { id: "XmlNodeType", table: xmlNodeTypeTable };

const nodeTypes: Readonly<Record<DomKind, number>> = {
  element: 1,
  attribute: 2,
  text: 3,
  cdata: 4,
  instruction: 7,
  comment: 8,
  document: 9,
  fragment: 11,
  declaration: 17,
};

const fixedNames: Partial<Readonly<Record<DomKind, string>>> = {
  text: "#text",
  cdata: "#cdata-section",
  comment: "#comment",
  document: "#document",
  fragment: "#document-fragment",
};

const nameOf = (self: DomNode): string => fixedNames[self.kind] ?? self.qualified;

const localNameOf = (self: DomNode): string => fixedNames[self.kind] ?? self.name.local;

/** Elements, documents and fragments have no value of their own. */
const valueOf = (self: DomNode): string | null =>
  self.kind === "element" || self.kind === "document" || self.kind === "fragment" ? null : self.value;

/** A document can be one with settings of its own. */
const keepingBlanks = new WeakSet<DomNode>();

const parentOf = (self: DomNode): DomNode | null => (self.kind === "attribute" ? null : self.parent);

/** Nodes that were made and not put anywhere yet belong to the document that made them. */
const makers = new WeakMap<DomNode, DomNode>();

function documentOf(self: DomNode): DomNode | null {
  if (self.kind === "document") return null;
  const top = topOf(self);
  return top.kind === "document" ? top : (makers.get(top) ?? makers.get(self) ?? null);
}

function beside(self: DomNode, offset: 1 | -1): DomNode | null {
  const row = parentOf(self)?.children ?? [];
  runMeter.step(1 + row.length / 64);
  return row[row.indexOf(self) + offset] ?? null;
}

function split(name: string): { readonly prefix: string; readonly local: string } {
  const [first = "", second] = name.split(":", 2);
  return second === undefined ? { prefix: "", local: first } : { prefix: first, local: second };
}

function checkedName(name: DomName): DomName {
  for (const part of [name.local, ...(name.prefix === "" ? [] : [name.prefix])]) {
    if (!/^[\p{L}_][\p{L}\p{N}\p{M}_.\-·]*$/u.test(part)) throw argument(`The name '${part}' cannot be one of XML.`);
  }
  return name;
}

function make(document: DomNode, kind: DomKind, name?: DomName, value = ""): DomNode {
  const node = new DomNode(kind, runMeter, name === undefined ? undefined : checkedName(name), value);
  node.isSelfClosing = true;
  makers.set(node, document);
  return node;
}

function makeNamed(kind: "element" | "attribute"): Readonly<Record<string, Implementation>> {
  const [method, type] = kind === "element" ? ["CreateElement", "XmlElement"] : ["CreateAttribute", "XmlAttribute"];
  return {
    [`${method}(string name): ${type}`]: (self: DomNode, name: string) => {
      const { prefix, local } = split(name);
      const isDeclaration = kind === "attribute" && (prefix === "xmlns" || name === "xmlns");
      return make(self, kind, { prefix, local, uri: isDeclaration ? xmlnsUri : prefix === "xml" ? xmlUri : "" });
    },
    [`${method}(string qualifiedName, string namespaceURI): ${type}`]: (
      self: DomNode,
      name: string,
      uri: string | null,
    ) => make(self, kind, { ...split(name), uri: uri ?? "" }),
    [`${method}(string prefix, string localName, string namespaceURI): ${type}`]: (
      self: DomNode,
      prefix: string | null,
      local: string,
      uri: string | null,
    ) => make(self, kind, { prefix: prefix ?? "", local, uri: uri ?? "" }),
  };
}

const childKinds: ReadonlySet<DomKind> = new Set(["element", "text", "cdata", "comment", "instruction", "declaration"]);

/** @throws NetException for what cannot stand there: around itself, as a second root */
function put(parent: DomNode, node: DomNode | null, before: DomNode | null): DomNode {
  if (node === null) throw argumentNull("newChild");
  const added = node.kind === "fragment" ? node.children.slice() : [node];
  for (const each of added) {
    checkChild(parent, each);
    each.remove();
    parent.insert(each, before === null ? parent.children.length : parent.children.indexOf(before));
  }
  return node;
}

function checkChild(parent: DomNode, node: DomNode): void {
  const holds = parent.kind === "element" || parent.kind === "document" || parent.kind === "fragment";
  if (!holds || !childKinds.has(node.kind))
    throw invalidOperation("The specified node cannot be inserted as the valid child of this node.");
  for (let at: DomNode | null = parent; at !== null; at = at.parent) {
    runMeter.step();
    if (at === node) throw argument("Cannot insert a node or any ancestor of that node as a child of itself.");
  }
  const isSecond =
    parent.kind === "document" &&
    node.kind === "element" &&
    parent.children.some((each) => each.kind === "element" && each !== node);
  if (isSecond) throw invalidOperation("This document already has a 'DocumentElement' node.");
}

function takeOut(self: DomNode, child: DomNode): DomNode {
  if (child.parent !== self) throw argument("The node to be removed is not a child of this node.");
  child.remove();
  return child;
}

function childAt(self: DomNode, reference: DomNode | null, offset: 0 | 1): DomNode | null {
  if (reference === null) return offset === 0 ? null : (self.children[0] ?? null);
  const at = self.children.indexOf(reference);
  if (at === -1) throw argument("The reference node is not a child of this node.");
  return self.children[at + offset] ?? null;
}

function empty(self: DomNode): void {
  for (const child of self.children.slice()) child.remove();
}

function setInnerText(self: DomNode, text: string | null): void {
  if (self.kind !== "element" && self.kind !== "fragment") {
    if (self.kind === "document") throw invalidOperation("The 'InnerText' of a document cannot be set.");
    self.value = text ?? "";
    return;
  }
  empty(self);
  if (text !== null && text !== "") self.insert(new DomNode("text", runMeter, undefined, text));
}

function setInnerXml(self: DomNode, xml: string | null): void {
  if (self.kind === "document") return load(self, xml);
  if (self.kind !== "element" && self.kind !== "fragment")
    throw invalidOperation("Cannot set the 'InnerXml' of this node.");
  const nodes = parseFragment(xml ?? "", self);
  empty(self);
  for (const node of nodes) put(self, node, null);
}

function load(self: DomNode, xml: string | null): void {
  if (xml === null) throw argumentNull("xml");
  const read = parseDom(xml, keepingBlanks.has(self));
  empty(self);
  for (const node of read.children.slice()) put(self, node, null);
}

function setValue(self: DomNode, value: string | null): void {
  if (valueOf(self) === null) throw invalidOperation("Cannot set a value on node type 'Element'.");
  self.value = value ?? "";
}

type Select = (self: DomNode, path: string, manager: NamespaceManager) => readonly DomNode[];

const select: Select = (self, path, manager) => selectNodes(self, path, (prefix) => manager.lookup(prefix));

const noPrefixes = new NamespaceManager();

function prefixOf(self: DomNode, uri: string): string {
  for (let at: DomNode | null = self; at !== null; at = at.parent) {
    const found = at.attributes.find((each) => each.isNamespace && each.value === uri);
    if (found !== undefined) return found.name.prefix === "" ? "" : found.name.local;
  }
  return "";
}

const nodeTable: TypeTable = {
  name: "XmlNode",
  namespace,
  kind: "class",
  implements: ["IEnumerable<XmlNode>"],
  members: {
    "Name: string": nameOf,
    "LocalName: string": localNameOf,
    "Prefix: string": (self: DomNode) => self.name.prefix,
    "NamespaceURI: string": (self: DomNode) => self.name.uri,
    "NodeType: XmlNodeType": (self: DomNode) => new EnumValue(typeFacts, nodeTypes[self.kind]),
    "Value: string": valueOf,
    "InnerText: string": (self: DomNode) => textOf(self, runMeter),
    "InnerXml: string": (self: DomNode) => paid(writeInner(self, runMeter)),
    "OuterXml: string": (self: DomNode) => paid(writeDom(self, runMeter)),
    "ParentNode: XmlNode": parentOf,
    "OwnerDocument: XmlDocument": documentOf,
    "ChildNodes: XmlNodeList": (self: DomNode) => new NodeList(() => self.children),
    "HasChildNodes: bool": (self: DomNode) => self.children.length > 0,
    "FirstChild: XmlNode": (self: DomNode) => self.children[0] ?? null,
    "LastChild: XmlNode": (self: DomNode) => self.children.at(-1) ?? null,
    "NextSibling: XmlNode": (self: DomNode) => beside(self, 1),
    "PreviousSibling: XmlNode": (self: DomNode) => beside(self, -1),
    "Attributes: XmlAttributeCollection": (self: DomNode) => (self.kind === "element" ? attributesOf(self) : null),
    "this[string name]: XmlElement": (self: DomNode, name: string) =>
      self.children.find((each) => each.kind === "element" && each.qualified === name) ?? null,
    "this[string localname, string ns]: XmlElement": (self: DomNode, local: string, uri: string) =>
      self.children.find((each) => each.kind === "element" && each.name.local === local && each.name.uri === uri) ??
      null,
    "SelectNodes(string xpath): XmlNodeList": (self: DomNode, path: string) => listOf(select(self, path, noPrefixes)),
    "SelectNodes(string xpath, XmlNamespaceManager nsmgr): XmlNodeList": (
      self: DomNode,
      path: string,
      manager: NamespaceManager,
    ) => listOf(select(self, path, manager)),
    "SelectSingleNode(string xpath): XmlNode": (self: DomNode, path: string) =>
      select(self, path, noPrefixes)[0] ?? null,
    "SelectSingleNode(string xpath, XmlNamespaceManager nsmgr): XmlNode": (
      self: DomNode,
      path: string,
      manager: NamespaceManager,
    ) => select(self, path, manager)[0] ?? null,
    "AppendChild(XmlNode newChild): XmlNode": (self: DomNode, child: DomNode) => put(self, child, null),
    "PrependChild(XmlNode newChild): XmlNode": (self: DomNode, child: DomNode) =>
      put(self, child, self.children[0] ?? null),
    "InsertBefore(XmlNode newChild, XmlNode refChild): XmlNode": (
      self: DomNode,
      child: DomNode,
      reference: DomNode | null,
    ) => put(self, child, childAt(self, reference, 0)),
    "InsertAfter(XmlNode newChild, XmlNode refChild): XmlNode": (
      self: DomNode,
      child: DomNode,
      reference: DomNode | null,
    ) => put(self, child, childAt(self, reference, 1)),
    "RemoveChild(XmlNode oldChild): XmlNode": takeOut,
    "ReplaceChild(XmlNode newChild, XmlNode oldChild): XmlNode": (self: DomNode, child: DomNode, old: DomNode) => {
      const next = childAt(self, old, 1);
      takeOut(self, old);
      put(self, child, next === child ? null : next);
      return old;
    },
    "RemoveAll(): void": (self: DomNode) => {
      empty(self);
      for (const each of self.attributes.slice()) each.remove();
    },
    "CloneNode(bool deep): XmlNode": cloned,
    "Clone(): XmlNode": (self: DomNode) => cloned(self, true),
    "GetNamespaceOfPrefix(string prefix): string": (self: DomNode, prefix: string) => namespaceOf(self, prefix) ?? "",
    "GetPrefixOfNamespace(string namespaceURI): string": prefixOf,
  },
  setters: {
    "Value: string": setValue,
    "InnerText: string": setInnerText,
    "InnerXml: string": setInnerXml,
  },
};

function listOf(nodes: readonly DomNode[]): NodeList {
  return new NodeList(() => nodes);
}

function cloned(self: DomNode, isDeep: boolean): DomNode {
  const copy = copyOf(self, isDeep, runMeter);
  const owner = self.kind === "document" ? undefined : documentOf(self);
  if (owner !== undefined && owner !== null) makers.set(copy, owner);
  return copy;
}

const tagMembers: NonNullable<TypeTable["members"]> = {
  "GetElementsByTagName(string name): XmlNodeList": (self: DomNode, name: string) => listOf(elementsNamed(self, name)),
  "GetElementsByTagName(string localName, string namespaceURI): XmlNodeList": (
    self: DomNode,
    local: string,
    uri: string,
  ) => listOf(elementsIn(self, local, uri)),
};

const documentTable: TypeTable = {
  name: "XmlDocument",
  namespace,
  kind: "class",
  base: "XmlNode",
  construct: { "()": () => new DomNode("document", runMeter) },
  members: {
    "LoadXml(string xml): void": load,
    "DocumentElement: XmlElement": (self: DomNode) => self.children.find(({ kind }) => kind === "element") ?? null,
    // Names are not kept in a table here; a namespace manager is made of one.
    "NameTable: object": (self: DomNode) => self,
    // Nothing is ever resolved: null is what careful documents set.
    "XmlResolver: object": () => null,
    "PreserveWhitespace: bool": (self: DomNode) => keepingBlanks.has(self),
    ...tagMembers,
    ...makeNamed("element"),
    ...makeNamed("attribute"),
    "CreateTextNode(string text): XmlText": (self: DomNode, text: string | null) =>
      make(self, "text", undefined, text ?? ""),
    "CreateCDataSection(string data): XmlCDataSection": (self: DomNode, data: string | null) => {
      if (data?.includes("]]>") === true) throw argument("']]>' is not allowed inside a CDATA section.");
      return make(self, "cdata", undefined, data ?? "");
    },
    "CreateComment(string data): XmlComment": (self: DomNode, data: string | null) => {
      if (data !== null && /--|-$/.test(data)) throw argument("A comment cannot have '--' in it or end with '-'.");
      return make(self, "comment", undefined, data ?? "");
    },
    "CreateDocumentFragment(): XmlDocumentFragment": (self: DomNode) => make(self, "fragment"),
    "CreateXmlDeclaration(string version, string encoding, string standalone): XmlDeclaration": (
      self: DomNode,
      version: string,
      encoding: string | null,
      standalone: string | null,
    ) => make(self, "declaration", { prefix: "", local: "xml", uri: "" }, declaration(version, encoding, standalone)),
    "ImportNode(XmlNode node, bool deep): XmlNode": (self: DomNode, node: DomNode, isDeep: boolean) => {
      const copy = copyOf(node, isDeep, runMeter);
      makers.set(copy, self);
      return copy;
    },
  },
  setters: {
    "XmlResolver: object": (_self: DomNode, resolver: unknown) => {
      if (resolver !== null) throw argument("Nothing outside of a document is read.");
    },
    "PreserveWhitespace: bool": (self: DomNode, keeps: boolean) =>
      void (keeps ? keepingBlanks.add(self) : keepingBlanks.delete(self)),
  },
};

function declaration(version: string, encoding: string | null, standalone: string | null): string {
  const parts = Object.entries({ version, encoding, standalone });
  for (const [, value] of parts) {
    if (value !== null && !/^[\w.-]*$/.test(value)) throw argument("A part of the declaration is wrong.");
  }
  return parts.flatMap(([name, value]) => (value === null || value === "" ? [] : `${name}="${value}"`)).join(" ");
}

const byName = (self: DomNode, name: string): DomNode | undefined =>
  self.attributes.find((each) => each.qualified === name);

const elementTable: TypeTable = {
  name: "XmlElement",
  namespace,
  kind: "class",
  base: "XmlNode",
  members: {
    "IsEmpty: bool": (self: DomNode) => self.isSelfClosing && self.children.length === 0,
    "HasAttributes: bool": (self: DomNode) => self.attributes.length > 0,
    "HasAttribute(string name): bool": (self: DomNode, name: string) => byName(self, name) !== undefined,
    "HasAttribute(string localName, string namespaceURI): bool": (self: DomNode, local: string, uri: string) =>
      self.attribute(uri, local) !== undefined,
    "GetAttribute(string name): string": (self: DomNode, name: string) => byName(self, name)?.value ?? "",
    "GetAttribute(string localName, string namespaceURI): string": (self: DomNode, local: string, uri: string) =>
      self.attribute(uri, local)?.value ?? "",
    "GetAttributeNode(string name): XmlAttribute": (self: DomNode, name: string) => byName(self, name) ?? null,
    "SetAttribute(string name, string value): void": (self: DomNode, name: string, value: string | null) => {
      const { prefix, local } = split(name);
      const uri = name === "xmlns" ? xmlnsUri : prefix === "" ? "" : (namespaceOf(self, prefix) ?? "");
      self.setAttribute(new DomNode("attribute", runMeter, checkedName({ prefix, local, uri }), value ?? ""));
    },
    "SetAttribute(string localName, string namespaceURI, string value): string": (
      self: DomNode,
      local: string,
      uri: string | null,
      value: string | null,
    ) => {
      const name = { prefix: prefixOf(self, uri ?? ""), local, uri: uri ?? "" };
      self.setAttribute(new DomNode("attribute", runMeter, checkedName(name), value ?? ""));
      return value;
    },
    "RemoveAttribute(string name): void": (self: DomNode, name: string) => byName(self, name)?.remove(),
    "RemoveAllAttributes(): void": (self: DomNode) => {
      for (const each of self.attributes.slice()) each.remove();
    },
    ...tagMembers,
  },
};

const attributeTable: TypeTable = {
  name: "XmlAttribute",
  namespace,
  kind: "class",
  base: "XmlNode",
  members: { "OwnerElement: XmlElement": (self: DomNode) => self.parent },
};

const listTable: TypeTable = {
  name: "XmlNodeList",
  namespace,
  kind: "class",
  implements: ["IEnumerable<XmlNode>"],
  members: {
    "Count: int": (self: NodeList) => self.count,
    "this[int i]: XmlNode": (self: NodeList, index: number) => self.get(index),
    "Item(int index): XmlNode": (self: NodeList, index: number) => self.get(index),
  },
};

const attributesTable: TypeTable = {
  name: "XmlAttributeCollection",
  namespace,
  kind: "class",
  implements: ["IEnumerable<XmlAttribute>"],
  members: {
    "Count: int": (self: NodeList) => self.count,
    "this[int i]: XmlAttribute": (self: NodeList, index: number) => {
      const found = self.get(index);
      if (found === null) throw outOfRange("i");
      return found;
    },
    "this[string name]: XmlAttribute": (self: NodeList, name: string) => self.find((each) => each.qualified === name),
    "this[string localName, string namespaceURI]: XmlAttribute": (self: NodeList, local: string, uri: string) =>
      self.find(({ name }) => name.local === local && name.uri === uri),
    "GetNamedItem(string name): XmlNode": (self: NodeList, name: string) =>
      self.find((each) => each.qualified === name),
    "Append(XmlAttribute node): XmlAttribute": (self: NodeList, node: DomNode) => appendTo(self, node),
  },
};

/** The element whose attributes a list shows. */
const owners = new WeakMap<NodeList, DomNode>();

function attributesOf(self: DomNode): NodeList {
  const list = new NodeList(() => self.attributes, "XmlAttributeCollection");
  owners.set(list, self);
  return list;
}

function appendTo(list: NodeList, node: DomNode): DomNode {
  const owner = owners.get(list);
  if (owner === undefined) throw invalidOperation("There is no element to add the attribute to.");
  node.remove();
  owner.setAttribute(node);
  return node;
}

const managerTable: TypeTable = {
  name: "XmlNamespaceManager",
  namespace,
  kind: "class",
  construct: { "(object nameTable)": () => new NamespaceManager() },
  members: {
    "AddNamespace(string prefix, string uri): void": (self: NamespaceManager, prefix: string, uri: string) =>
      self.add(prefix, uri),
    "RemoveNamespace(string prefix, string uri): void": (self: NamespaceManager, prefix: string) => self.remove(prefix),
    "LookupNamespace(string prefix): string": (self: NamespaceManager, prefix: string) => self.lookup(prefix) ?? null,
    "HasNamespace(string prefix): bool": (self: NamespaceManager, prefix: string) => self.lookup(prefix) !== undefined,
  },
};

const plain = (name: string): TypeTable => ({ name, namespace, kind: "class", base: "XmlNode" });

export const xmlDocumentTables: readonly TypeTable[] = [
  nodeTable,
  documentTable,
  elementTable,
  attributeTable,
  listTable,
  attributesTable,
  managerTable,
  plain("XmlText"),
  plain("XmlCDataSection"),
  plain("XmlComment"),
  plain("XmlProcessingInstruction"),
  plain("XmlDeclaration"),
  plain("XmlDocumentFragment"),
];
