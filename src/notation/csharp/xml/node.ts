import { argument, invalidOperation } from "#notation/csharp/value/net-exception.ts";
import type { NetObject } from "#notation/csharp/value/net-object.ts";
import { charge } from "#notation/csharp/value/run.ts";
import { writeXml } from "./write.ts";

const nodeCost = 96;

/** XNamespace. */
export class XNamespace implements NetObject {
  readonly netType = "XNamespace";
  readonly uri: string;

  constructor(uri: string) {
    this.uri = uri;
  }

  equals(other: unknown): boolean {
    return other instanceof XNamespace && other.uri === this.uri;
  }

  get hashKey(): string {
    return `\0xmlns ${this.uri}`;
  }

  toString(): string {
    return this.uri;
  }
}

/** XName: `{uri}local`. */
export class XName implements NetObject {
  readonly netType = "XName";
  readonly uri: string;
  readonly local: string;

  constructor(uri: string, local: string) {
    if (!/^[\p{L}_][\p{L}\p{Nd}_.\-·]*$/u.test(local)) throw argument(`The name '${local}' cannot be one of XML.`);
    this.uri = uri;
    this.local = local;
  }

  equals(other: unknown): boolean {
    return other instanceof XName && other.uri === this.uri && other.local === this.local;
  }

  get hashKey(): string {
    return `\0xname {${this.uri}}${this.local}`;
  }

  toString(): string {
    return this.uri === "" ? this.local : `{${this.uri}}${this.local}`;
  }
}

/** `{uri}local`, or a local name. */
export function nameOf(text: string): XName {
  const found = /^\{([^}]*)\}(.+)$/.exec(text);
  return found === null ? new XName("", text) : new XName(found[1] ?? "", found[2] ?? "");
}

/** XObject: what has a parent. */
export abstract class XObject implements NetObject {
  abstract readonly netType: string;
  abstract readonly nodeType: number;
  parent: XContainer | null = null;

  constructor() {
    charge(nodeCost);
  }

  abstract toString(): string;
}

export class XAttribute extends XObject {
  override readonly netType = "XAttribute";
  override readonly nodeType = 2;
  readonly name: XName;
  value: string;

  constructor(name: XName, value: string) {
    super();
    charge(value.length * 2);
    this.name = name;
    this.value = value;
  }

  get isNamespace(): boolean {
    return this.name.uri === xmlnsUri || (this.name.uri === "" && this.name.local === "xmlns");
  }

  remove(): void {
    if (!(this.parent instanceof XElement)) throw invalidOperation("The parent is missing.");
    this.parent.attributes.splice(this.parent.attributes.indexOf(this), 1);
    this.parent = null;
  }

  override toString(): string {
    return writeXml(this, false);
  }
}

export const xmlnsUri = "http://www.w3.org/2000/xmlns/";
export const xmlUri = "http://www.w3.org/XML/1998/namespace";

export abstract class XNode extends XObject {
  abstract clone(): XNode;

  remove(): void {
    if (this.parent === null) throw invalidOperation("The parent is missing.");
    this.parent.nodes.splice(this.parent.nodes.indexOf(this), 1);
    this.parent = null;
  }

  /** The nodes beside it, itself among them. */
  get row(): readonly XNode[] {
    return this.parent?.nodes ?? [this];
  }

  get position(): number {
    return this.row.indexOf(this);
  }

  override toString(): string {
    return writeXml(this, true);
  }
}

export class XText extends XNode {
  override readonly netType: string = "XText";
  value: string;

  constructor(value: string) {
    super();
    charge(value.length * 2);
    this.value = value;
  }

  override get nodeType(): number {
    return 3;
  }

  override clone(): XText {
    return new XText(this.value);
  }
}

export class XCData extends XText {
  override readonly netType = "XCData";

  override get nodeType(): number {
    return 4;
  }

  override clone(): XCData {
    return new XCData(this.value);
  }
}

export class XComment extends XNode {
  override readonly netType = "XComment";
  override readonly nodeType = 8;
  value: string;

  constructor(value: string) {
    super();
    charge(value.length * 2);
    this.value = value;
  }

  override clone(): XComment {
    return new XComment(this.value);
  }
}

export class XInstruction extends XNode {
  override readonly netType = "XProcessingInstruction";
  override readonly nodeType = 7;
  readonly target: string;
  data: string;

  constructor(target: string, data: string) {
    super();
    this.target = target;
    this.data = data;
  }

  override clone(): XInstruction {
    return new XInstruction(this.target, this.data);
  }
}

export abstract class XContainer extends XNode {
  readonly nodes: XNode[] = [];

  get elements(): readonly XElement[] {
    return this.nodes.filter((node) => node instanceof XElement);
  }

  insert(index: number, node: XNode): void {
    const own = node.parent === null ? node : node.clone();
    own.parent = this;
    this.nodes.splice(index, 0, own);
  }

  clear(): void {
    for (const node of this.nodes) node.parent = null;
    this.nodes.length = 0;
  }
}

export class XElement extends XContainer {
  override readonly netType = "XElement";
  override readonly nodeType = 1;
  name: XName;
  readonly attributes: XAttribute[] = [];

  constructor(name: XName) {
    super();
    this.name = name;
  }

  /** The text of all nodes below. */
  get value(): string {
    return this.nodes
      .map((node) => (node instanceof XText ? node.value : node instanceof XElement ? node.value : ""))
      .join("");
  }

  attribute(name: XName): XAttribute | undefined {
    return this.attributes.find((each) => each.name.equals(name));
  }

  addAttribute(attribute: XAttribute): void {
    if (this.attribute(attribute.name) !== undefined) throw invalidOperation("Duplicate attribute.");
    this.takeAttribute(attribute.parent === null ? attribute : new XAttribute(attribute.name, attribute.value));
  }

  /** One that is known to be the only one of its name: an element can have very many, and nobody looks for it. */
  takeAttribute(attribute: XAttribute): void {
    attribute.parent = this;
    this.attributes.push(attribute);
  }

  override clone(): XElement {
    const made = new XElement(this.name);
    for (const each of this.attributes) made.takeAttribute(new XAttribute(each.name, each.value));
    for (const node of this.nodes) made.insert(made.nodes.length, node.clone());
    return made;
  }
}

function part(name: string, value: string | null): string {
  return value === null ? "" : ` ${name}="${value}"`;
}

export class XDeclaration implements NetObject {
  readonly netType = "XDeclaration";
  version: string | null;
  encoding: string | null;
  standalone: string | null;

  constructor(version: string | null, encoding: string | null, standalone: string | null) {
    this.version = version;
    this.encoding = encoding;
    this.standalone = standalone;
  }

  toString(): string {
    return `<?xml${part("version", this.version)}${part("encoding", this.encoding)}${part("standalone", this.standalone)}?>`;
  }
}

export class XDocument extends XContainer {
  override readonly netType = "XDocument";
  override readonly nodeType = 9;
  declaration: XDeclaration | null = null;

  get root(): XElement | null {
    return this.elements[0] ?? null;
  }

  override insert(index: number, node: XNode): void {
    if (node instanceof XElement && this.root !== null)
      throw invalidOperation("This operation would create an incorrectly structured document.");
    super.insert(index, node);
  }

  override clone(): XDocument {
    const made = new XDocument();
    for (const node of this.nodes) made.insert(made.nodes.length, node.clone());
    return made;
  }
}
