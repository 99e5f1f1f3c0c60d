import { SaxesParser } from "saxes";
import type { Steps } from "#lib/slices.ts";
import { expressionFailed } from "#policy/failure.ts";
import type { ParsedXml, XmlDeclaration, XmlElement } from "./xml-node.ts";

/** Deeper ones would exhaust the stack of whoever walks through them. */
const maxDepth = 256;

/** Characters that are read at a stretch: a fraction of a millisecond. */
const stretch = 4096;

/**
 * Reads a document in steps, so that a large one holds nobody up. A document type is refused: its entities are how a
 * few lines become gigabytes, or files of this machine.
 * @throws GatewayError `expression-failed` for what is no well-formed XML; its message quotes nothing
 */
export function* parseXml(text: string): Steps<ParsedXml> {
  const builder = new TreeBuilder();
  const parser = new SaxesParser();
  parser.on("error", () => fail("the body is no well-formed XML"));
  parser.on("doctype", () => fail("the body has a document type, which is not read"));
  parser.on("xmldecl", (declaration) => builder.declare(declaration));
  parser.on("opentag", ({ name, attributes }) => builder.open(name, Object.entries(attributes)));
  parser.on("closetag", () => builder.close());
  parser.on("text", (chunk) => builder.text("text", chunk));
  parser.on("cdata", (chunk) => builder.text("cdata", chunk));
  parser.on("comment", (chunk) => builder.text("comment", chunk));
  for (let at = 0; at < text.length; at += stretch) {
    parser.write(text.slice(at, at + stretch));
    yield;
  }
  parser.close();
  return builder.done();
}

function fail(message: string): never {
  throw expressionFailed(message);
}

class TreeBuilder {
  readonly #open: XmlElement[] = [];
  #root: XmlElement | undefined;
  #declaration: XmlDeclaration | undefined;

  declare({ version = "", encoding = "", standalone = "" }: Readonly<Partial<XmlDeclaration>>): void {
    this.#declaration = { version, encoding, standalone };
  }

  open(name: string, attributes: readonly (readonly [string, string])[]): void {
    if (this.#open.length >= maxDepth) fail(`the body has elements more than ${maxDepth} deep`);
    const element: XmlElement = { kind: "element", name, attributes, children: [] };
    const parent = this.#open.at(-1);
    if (parent === undefined) this.#root = element;
    else parent.children.push(element);
    this.#open.push(element);
  }

  close(): void {
    this.#open.pop();
  }

  /** What stands outside the root does not count. */
  text(kind: "text" | "cdata" | "comment", text: string): void {
    this.#open.at(-1)?.children.push({ kind, text });
  }

  done(): ParsedXml {
    if (this.#root === undefined) return fail("the body is no XML");
    return { declaration: this.#declaration, root: this.#root };
  }
}
