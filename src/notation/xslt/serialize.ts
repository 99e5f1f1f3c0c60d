import type { Steps } from "#lib/slices.ts";
import { type DomName, type DomNode, qualifiedName, xmlnsUri, xmlUri } from "#notation/dom/node.ts";
import { Scope } from "#notation/dom/scope.ts";
import { declarationOf } from "#notation/dom/write.ts";
import { rawTexts } from "./compiler.ts";
import { failed } from "./failure.ts";
import type { Output } from "./stylesheet.ts";

/** Nodes that are written at a stretch. */
const stretch = 128;

/** Deeper ones would exhaust the stack of whoever writes or reads them. */
const maxDepth = 500;

const outside = new Scope(
  new Map([
    ["xml", xmlUri],
    ["", ""],
  ]),
  null,
);

/** Of HTML: they have no end. */
const voids: ReadonlySet<string> = new Set(
  "area base basefont br col frame hr img input isindex link meta param".split(" "),
);

export interface Written {
  readonly text: string;
  readonly method: "xml" | "html" | "text";
}

/** The text of a result. @param maxUnits longest text, UTF-16 units */
export function* serialize(tree: DomNode, output: Output, maxUnits: number): Steps<Written> {
  const method = output.method ?? methodFor(tree);
  const writer = new Writer(output, method, maxUnits);
  yield* writer.document(tree);
  return { text: writer.text, method };
}

/** @see XSLT 1.0 §16 */
function methodFor(tree: DomNode): "xml" | "html" {
  const first = tree.children.find((node) => node.kind === "element" || (node.isText && node.value.trim() !== ""));
  const isHtml = first?.kind === "element" && first.name.uri === "" && first.name.local.toLowerCase() === "html";
  return isHtml ? "html" : "xml";
}

class Writer {
  text = "";
  readonly #output: Output;
  readonly #method: "xml" | "html" | "text";
  readonly #maxUnits: number;
  readonly #indents: boolean;
  #nodes = 0;

  constructor(output: Output, method: "xml" | "html" | "text", maxUnits: number) {
    this.#output = output;
    this.#method = method;
    this.#maxUnits = maxUnits;
    this.#indents = method === "xml" && output.indents === true;
  }

  *document(tree: DomNode): Steps<undefined> {
    const { omitsDeclaration, encoding, standalone } = this.#output;
    if (this.#method === "xml" && !omitsDeclaration) {
      const alone = standalone === undefined ? "" : ` standalone="${standalone}"`;
      this.#write(`<?xml version="1.0" encoding="${encoding}"${alone}?>`);
    }
    let isTyped = false;
    for (const child of tree.children) {
      if (this.#indents && this.text !== "") this.#write("\n");
      if (child.kind === "element" && !isTyped) {
        isTyped = true;
        this.#doctype(child);
      }
      yield* this.#node(child, outside, 0, undefined);
    }
    return undefined;
  }

  #write(text: string): void {
    this.text += text;
    if (this.text.length > this.#maxUnits) failed("the result would become too large");
  }

  #doctype(root: DomNode): void {
    const { doctypePublic, doctypeSystem } = this.#output;
    if (
      this.#method === "text" ||
      (doctypeSystem === undefined && (this.#method === "xml" || doctypePublic === undefined))
    )
      return;
    const id =
      doctypePublic === undefined
        ? ` SYSTEM "${doctypeSystem ?? ""}"`
        : ` PUBLIC "${doctypePublic}"${doctypeSystem === undefined ? "" : ` "${doctypeSystem}"`}`;
    this.#write(`<!DOCTYPE ${root.qualified}${id}>`);
    if (this.#indents) this.#write("\n");
  }

  *#node(node: DomNode, scope: Scope, depth: number, parent: DomNode | undefined): Steps<undefined> {
    if (++this.#nodes % stretch === 0) yield;
    if (this.#method === "text") {
      if (node.isText) this.#write(node.value);
      else for (const child of node.children) yield* this.#node(child, scope, depth, node);
      return undefined;
    }
    switch (node.kind) {
      case "element":
        yield* this.#element(node, scope, depth);
        break;
      case "comment":
        this.#write(`<!--${node.value}-->`);
        break;
      case "instruction":
        this.#write(
          `<?${node.name.local}${node.value === "" ? "" : ` ${node.value}`}${this.#method === "html" ? "" : "?"}>`,
        );
        break;
      default:
        this.#textIn(node, parent);
    }
    return undefined;
  }

  #textIn(node: DomNode, parent: DomNode | undefined): void {
    const { value } = node;
    if (rawTexts.has(node)) return this.#write(value);
    const { uri = "", local = "" } = parent?.name ?? {};
    if (this.#method === "html" && uri === "" && /^(script|style)$/i.test(local)) return this.#write(value);
    if (this.#method === "xml" && this.#output.cdataElements.has(`{${uri}}${local}`))
      return this.#write(`<![CDATA[${clean(value).replaceAll("]]>", "]]]]><![CDATA[>")}]]>`);
    this.#write(this.#coded(clean(value).replaceAll(/[&<>\r]/g, (char) => textEntities[char] ?? char)));
  }

  *#element(node: DomNode, scope: Scope, depth: number): Steps<undefined> {
    if (depth > maxDepth) failed("the result is nested too deeply");
    const { inner, tag, declared } = named(node, scope);
    const isHtml = this.#method === "html" && node.name.uri === "";
    let head = `<${tag.element}`;
    for (const [prefix, uri] of declared)
      head += ` ${qualifiedName(declarationOf(prefix))}="${this.#attribute(uri, isHtml)}"`;
    for (const [name, value] of tag.attributes) head += ` ${name}="${this.#attribute(value, isHtml)}"`;
    const { children } = node;
    if (isHtml) {
      this.#write(`${head}>`);
      if (voids.has(node.name.local.toLowerCase())) return undefined;
      if (node.name.local.toLowerCase() === "head")
        this.#write(`<META http-equiv="Content-Type" content="text/html; charset=${this.#output.encoding}">`);
    } else if (children.length === 0) {
      this.#write(`${head}/>`);
      return undefined;
    } else this.#write(`${head}>`);
    const lays = this.#indents && children.every((child) => !child.isText);
    for (const child of children) {
      if (lays) this.#write(`\n${"  ".repeat(depth + 1)}`);
      yield* this.#node(child, inner, depth + 1, node);
    }
    if (lays) this.#write(`\n${"  ".repeat(depth)}`);
    this.#write(`</${tag.element}>`);
    return undefined;
  }

  #attribute(value: string, isHtml: boolean): string {
    // HTML leaves '<' as it is there. @see XSLT 1.0 §16.2
    const special = isHtml ? /[&"]/g : /[&<>"\n\r\t]/g;
    return this.#coded(clean(value).replaceAll(special, (char) => attributeEntities[char] ?? char));
  }

  /** What the encoding lacks is written by its number. */
  #coded(text: string): string {
    const { encoding } = this.#output;
    if (encoding === "utf-8" || encoding === "utf-16") return text;
    const last = encoding === "us-ascii" ? 0x7f : 0xff;
    // oxlint-disable-next-line no-control-regex -- all of ASCII
    return text.replaceAll(/[^\u0000-\u007f]/gu, (char) => {
      const code = char.codePointAt(0) ?? 0;
      return code > last ? `&#${code};` : char;
    });
  }
}

const textEntities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#xD;" };
const attributeEntities: Readonly<Record<string, string>> = {
  ...textEntities,
  '"': "&quot;",
  "\n": "&#xA;",
  "\t": "&#x9;",
};

/** What XML 1.0 has no way to write is left out. @see XML 1.0 §2.2 */
function clean(text: string): string {
  // oxlint-disable-next-line no-control-regex -- these are the characters that XML does not have
  return text.toWellFormed().replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "");
}

interface Named {
  readonly inner: Scope;
  readonly declared: ReadonlyMap<string, string>;
  readonly tag: { readonly element: string; readonly attributes: readonly (readonly [string, string])[] };
}

/** The names of an element and its attributes as they are written there, and what has to be declared for them. */
function named(node: DomNode, scope: Scope): Named {
  const declared = new Map<string, string>();
  const meant = (prefix: string): string | undefined => declared.get(prefix) ?? scope.get(prefix);
  const { name } = node;
  if (meant(name.prefix) !== name.uri) declared.set(name.prefix, name.uri);
  for (const { isNamespace, name: own, value } of node.attributes) {
    const prefix = own.prefix === "" ? "" : own.local;
    // The element's own name goes before what is said of its prefix.
    if (isNamespace && !declared.has(prefix) && prefix !== name.prefix && meant(prefix) !== value)
      declared.set(prefix, value);
  }
  const attributes = node.attributes
    .filter((each) => !each.isNamespace)
    .map(({ name: own, value }) => [qualifiedName(usable(own, meant, declared)), value] as const);
  return {
    inner: declared.size === 0 ? scope : new Scope(declared, scope),
    declared,
    tag: { element: qualifiedName(name), attributes },
  };
}

/** An attribute's name with a prefix that means its namespace, declared for it where there is none. */
function usable(name: DomName, meant: (prefix: string) => string | undefined, declared: Map<string, string>): DomName {
  if (name.uri === "" || name.uri === xmlUri || name.uri === xmlnsUri) return name;
  if (name.prefix !== "" && meant(name.prefix) === name.uri) return name;
  let { prefix } = name;
  for (let number = declared.size; prefix === "" || declared.has(prefix); number++) prefix = `ns${number}`;
  declared.set(prefix, name.uri);
  return { ...name, prefix };
}
