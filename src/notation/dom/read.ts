import { SaxesParser } from "saxes";
import type { Steps } from "#lib/slices.ts";
import type { Meter } from "./meter.ts";
import { DomNode } from "./node.ts";

/** Deeper ones would exhaust the stack of whoever walks through them. */
export const maxDepth = 200;

/** Characters that are read at a stretch: a fraction of a millisecond. */
const stretch = 4096;

export interface DomReading {
  readonly meter: Meter;
  /** Texts of nothing but white space stay. */
  readonly keepsBlanks: boolean;
  /** The XML declaration is a node. */
  readonly keepsDeclaration: boolean;
  /** Told of the line that each start of an element ends on, from 1. */
  onElement?(element: DomNode, line: number): void;
  /** Throws what the caller throws. The message may quote the document. */
  fail(message: string): never;
}

/**
 * Reads a document with its namespaces, in steps. A document type is refused: its entities are how a few lines become
 * gigabytes, or files of this machine.
 */
export function* readDom(text: string, reading: DomReading): Steps<DomNode> {
  const builder = new Builder(reading);
  const parser = new SaxesParser({ xmlns: true });
  parser.on("error", ({ message }) => reading.fail(message));
  parser.on("doctype", () => reading.fail("For security reasons DTD is prohibited in this XML document."));
  if (reading.keepsDeclaration) parser.on("xmldecl", (declaration) => builder.declare({ ...declaration }));
  parser.on("opentag", (tag) => builder.open(tag, parser.line));
  parser.on("closetag", () => builder.close());
  parser.on("text", (content) => builder.text(content));
  parser.on("cdata", (content) => builder.add("cdata", content));
  parser.on("comment", (content) => builder.add("comment", content));
  parser.on("processinginstruction", ({ target, body }) => builder.add("instruction", body, target));
  const start = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  for (let at = start; at < text.length; at += stretch) {
    parser.write(text.slice(at, at + stretch));
    yield;
  }
  parser.close();
  return builder.done();
}

interface Tag {
  readonly prefix: string;
  readonly local: string;
  readonly uri: string;
  readonly isSelfClosing: boolean;
  readonly attributes: Readonly<Record<string, Attribute>>;
}

interface Attribute {
  readonly prefix: string;
  readonly local: string;
  readonly uri: string;
  readonly value: string;
}

class Builder {
  readonly #reading: DomReading;
  readonly #document: DomNode;
  readonly #open: DomNode[];
  /** Nodes come in the order of the document. */
  #count = 1;

  constructor(reading: DomReading) {
    this.#reading = reading;
    this.#document = new DomNode("document", reading.meter);
    this.#open = [this.#document];
  }

  get #top(): DomNode {
    return this.#open.at(-1) as DomNode;
  }

  open(tag: Tag, line: number): void {
    const { meter } = this.#reading;
    meter.step();
    if (this.#open.length > maxDepth) this.#reading.fail("The document is nested too deeply.");
    const { prefix, local, uri } = tag;
    const element = new DomNode("element", meter, { prefix, local, uri });
    element.isSelfClosing = tag.isSelfClosing;
    for (const each of Object.values(tag.attributes)) {
      const name = { prefix: each.prefix, local: each.local, uri: each.uri };
      const attribute = new DomNode("attribute", meter, name, each.value);
      attribute.parent = element;
      element.attributes.push(attribute);
    }
    this.#append(element);
    for (const attribute of element.attributes) attribute.order = this.#count++;
    this.#reading.onElement?.(element, line);
    this.#open.push(element);
  }

  close(): void {
    this.#open.pop();
  }

  text(content: string): void {
    const isOutside = this.#open.length === 1;
    if (isOutside || (!this.#reading.keepsBlanks && content.trim() === "")) return;
    this.add("text", content);
  }

  add(kind: "text" | "cdata" | "comment" | "instruction", value: string, local = ""): void {
    this.#append(new DomNode(kind, this.#reading.meter, { prefix: "", local, uri: "" }, value));
  }

  declare({ version, encoding, standalone }: Readonly<Record<string, string | undefined>>): void {
    const parts = Object.entries({ version, encoding, standalone }).filter(([, value]) => value !== undefined);
    const value = parts.map(([name, said]) => `${name}="${said ?? ""}"`).join(" ");
    this.#append(new DomNode("declaration", this.#reading.meter, { prefix: "", local: "xml", uri: "" }, value));
  }

  #append(node: DomNode): void {
    node.parent = this.#top;
    node.order = this.#count++;
    node.index = this.#top.children.length;
    this.#top.children.push(node);
  }

  done(): DomNode {
    if (!this.#document.children.some(({ kind }) => kind === "element")) this.#reading.fail("Root element is missing.");
    this.#document.isNumbered = true;
    return this.#document;
  }
}
