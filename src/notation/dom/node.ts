import type { Meter } from "./meter.ts";

export const xmlnsUri = "http://www.w3.org/2000/xmlns/";
export const xmlUri = "http://www.w3.org/XML/1998/namespace";

export type DomKind =
  | "document"
  | "fragment"
  | "element"
  | "attribute"
  | "text"
  | "cdata"
  | "comment"
  | "instruction"
  | "declaration";

/** Names by which C# knows the kinds. */
const netTypes: Readonly<Record<DomKind, string>> = {
  document: "XmlDocument",
  fragment: "XmlDocumentFragment",
  element: "XmlElement",
  attribute: "XmlAttribute",
  text: "XmlText",
  cdata: "XmlCDataSection",
  comment: "XmlComment",
  instruction: "XmlProcessingInstruction",
  declaration: "XmlDeclaration",
};

/** A name with the namespace that it is in; the prefix is how it was written. */
export interface DomName {
  readonly prefix: string;
  readonly local: string;
  readonly uri: string;
}

/** Bytes that a node takes, about. */
const nodeCost = 160;

const noName: DomName = { prefix: "", local: "", uri: "" };

/**
 * A node of a document. One class for all kinds: paths, stylesheets and C#'s XmlDocument walk over the same tree.
 * Declarations of namespaces are attributes, in the namespace {@link xmlnsUri}.
 */
export class DomNode {
  readonly kind: DomKind;
  readonly name: DomName;
  /** Text of texts, comments, attributes, instructions and declarations; `local` is an instruction's target. */
  value: string;
  parent: DomNode | null = null;
  children: DomNode[] = [];
  attributes: DomNode[] = [];
  /** Written `<a/>` rather than `<a></a>`. */
  isSelfClosing = false;
  /** Place in the document, true as long as the top is numbered. */
  order = 0;
  /** Place among the children of the parent, true as long as the top is numbered. */
  index = 0;
  isNumbered = false;

  constructor(kind: DomKind, meter: Meter, name: DomName = noName, value = "") {
    meter.charge(nodeCost + value.length * 2);
    this.kind = kind;
    this.name = name;
    this.value = value;
  }

  get netType(): string {
    return netTypes[this.kind];
  }

  toString(): string {
    return `System.Xml.${this.netType}`;
  }

  /** What `foreach` over a node goes through. */
  [Symbol.iterator](): Iterator<DomNode> {
    return this.children.slice()[Symbol.iterator]();
  }

  get isText(): boolean {
    return this.kind === "text" || this.kind === "cdata";
  }

  get isNamespace(): boolean {
    return this.kind === "attribute" && this.name.uri === xmlnsUri;
  }

  /** As it is written, with the prefix. */
  get qualified(): string {
    return qualifiedName(this.name);
  }

  attribute(uri: string, local: string): DomNode | undefined {
    return this.attributes.find(({ name }) => name.local === local && name.uri === uri);
  }

  /** Puts a node, that stands nowhere, among the children. */
  insert(node: DomNode, at: number = this.children.length): void {
    touch(this);
    node.parent = this;
    if (at === this.children.length) this.children.push(node);
    else this.children.splice(at, 0, node);
  }

  /** Adds an attribute, in the place of one of the same name. */
  setAttribute(attribute: DomNode): void {
    touch(this);
    attribute.parent = this;
    const { uri, local } = attribute.name;
    const known = this.attributes.findIndex(({ name }) => name.local === local && name.uri === uri);
    if (known === -1) this.attributes.push(attribute);
    else this.attributes[known] = attribute;
  }

  /** Takes the node out of the tree. */
  remove(): void {
    const { parent } = this;
    if (parent === null) return;
    touch(parent);
    const row = this.kind === "attribute" ? parent.attributes : parent.children;
    row.splice(row.indexOf(this), 1);
    this.parent = null;
  }
}

export function qualifiedName({ prefix, local }: DomName): string {
  return prefix === "" ? local : `${prefix}:${local}`;
}

/** The document, or what else stands at the top. */
export function topOf(node: DomNode): DomNode {
  let at = node;
  while (at.parent !== null) at = at.parent;
  return at;
}

function touch(node: DomNode): void {
  topOf(node).isNumbered = false;
}

/** Gives each node below the top its place, so that nodes can be put in the order of the document. */
export function numberTree(top: DomNode, meter: Meter): void {
  if (top.isNumbered) return;
  let count = 0;
  for (const node of walk(top, meter)) {
    node.order = count++;
    for (const attribute of node.attributes) attribute.order = count++;
    let index = 0;
    for (const child of node.children) child.index = index++;
  }
  top.isNumbered = true;
}

/** The node and all below it in the order of the document, without attributes. No recursion: trees may be deep. */
export function* walk(node: DomNode, meter: Meter): Generator<DomNode, undefined, undefined> {
  const open = [node];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    meter.step();
    yield at;
    for (let index = at.children.length - 1; index >= 0; index--) open.push(at.children[index] as DomNode);
  }
}

/** The text of a node: of a document or an element that of all texts inside. XPath's string-value (§5). */
export function textOf(node: DomNode, meter: Meter): string {
  if (node.kind !== "element" && node.kind !== "document" && node.kind !== "fragment") return node.value;
  const [only] = node.children;
  if (node.children.length === 1 && only?.isText === true) return only.value;
  let text = "";
  for (const each of walk(node, meter)) if (each.isText) text += each.value;
  meter.charge(text.length * 2);
  return text;
}

/** The namespace that a prefix means there; "" is the default one; undefined for a prefix that is not declared. */
export function namespaceOf(node: DomNode | null, prefix: string): string | undefined {
  if (prefix === "xml") return xmlUri;
  if (prefix === "xmlns") return xmlnsUri;
  for (let at = node; at !== null; at = at.parent) {
    for (const { name, value } of at.attributes) {
      if (name.uri === xmlnsUri && (name.prefix === "" ? "" : name.local) === prefix) return value;
    }
  }
  return prefix === "" ? "" : undefined;
}

/** A copy that stands nowhere. */
export function copyOf(node: DomNode, isDeep: boolean, meter: Meter): DomNode {
  const copy = shallow(node, meter);
  if (!isDeep) return copy;
  const open: (readonly [from: DomNode, to: DomNode])[] = [[node, copy]];
  for (let pair = open.pop(); pair !== undefined; pair = open.pop()) {
    const [from, to] = pair;
    for (const child of from.children) {
      meter.step();
      const made = shallow(child, meter);
      made.parent = to;
      to.children.push(made);
      if (child.children.length > 0) open.push([child, made]);
    }
  }
  return copy;
}

function shallow(node: DomNode, meter: Meter): DomNode {
  const copy = new DomNode(node.kind, meter, node.name, node.value);
  copy.isSelfClosing = node.isSelfClosing;
  for (const attribute of node.attributes) {
    const made = new DomNode("attribute", meter, attribute.name, attribute.value);
    made.parent = copy;
    copy.attributes.push(made);
  }
  return copy;
}
