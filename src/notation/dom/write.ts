import type { Meter } from "./meter.ts";
import { type DomName, type DomNode, qualifiedName, xmlnsUri, xmlUri } from "./node.ts";
import { Scope } from "./scope.ts";

const start = new Scope(
  new Map([
    ["xml", xmlUri],
    ["xmlns", xmlnsUri],
    ["", ""],
  ]),
  null,
);

/** XML of a node as .NET's OuterXml has it: declarations that the node needs are written, nothing is indented. */
export function writeDom(node: DomNode, meter: Meter): string {
  return write(node, start, meter);
}

/** XML of what is inside a node, as .NET's InnerXml has it. */
export function writeInner(node: DomNode, meter: Meter): string {
  if (node.kind === "attribute") return escapeText(node.value);
  return node.children.map((child) => write(child, start, meter)).join("");
}

function write(node: DomNode, scope: Scope, meter: Meter): string {
  meter.step();
  switch (node.kind) {
    case "element":
      return element(node, scope, meter);
    case "attribute":
      return attribute(node.name, node.value, meter);
    case "document":
    case "fragment":
      return node.children.map((child) => write(child, scope, meter)).join("");
    case "cdata":
      return `<![CDATA[${node.value}]]>`;
    case "comment":
      return `<!--${node.value}-->`;
    case "instruction":
      return `<?${node.name.local}${node.value === "" ? "" : ` ${node.value}`}?>`;
    case "declaration":
      return `<?xml ${node.value}?>`;
    case "text":
      meter.charge(node.value.length * 2);
      return escapeText(node.value);
  }
}

function element(node: DomNode, scope: Scope, meter: Meter): string {
  const { inner, missing } = declare(node, scope);
  const tag = node.qualified;
  const attributes = [
    ...node.attributes.map(({ name, value }) => attribute(name, value, meter)),
    ...missing.map(([prefix, uri]) => attribute(declarationOf(prefix), uri, meter)),
  ];
  const head = [tag, ...attributes].join(" ");
  if (node.children.length === 0) return node.isSelfClosing ? `<${head} />` : `<${head}></${tag}>`;
  const content = node.children.map((child) => write(child, inner, meter)).join("");
  meter.charge(content.length * 2);
  return `<${head}>${content}</${tag}>`;
}

export function declarationOf(prefix: string): DomName {
  return prefix === ""
    ? { prefix: "", local: "xmlns", uri: xmlnsUri }
    : { prefix: "xmlns", local: prefix, uri: xmlnsUri };
}

/** What is declared inside an element, and what it has to declare besides what its attributes say. */
function declare(
  node: DomNode,
  scope: Scope,
): { readonly inner: Scope; readonly missing: readonly (readonly [string, string])[] } {
  const own = new Map<string, string>();
  for (const { name, value } of node.attributes) {
    if (name.uri === xmlnsUri) own.set(name.prefix === "" ? "" : name.local, value);
  }
  const missing: (readonly [string, string])[] = [];
  const need = ({ prefix, uri }: DomName): void => {
    if ((own.get(prefix) ?? scope.get(prefix)) === uri) return;
    if (own.has(prefix)) return;
    own.set(prefix, uri);
    missing.push([prefix, uri]);
  };
  need(node.name);
  for (const { name } of node.attributes) if (name.prefix !== "") need(name);
  return { inner: own.size === 0 ? scope : new Scope(own, scope), missing };
}

function attribute(name: DomName, value: string, meter: Meter): string {
  meter.charge(value.length * 2);
  return `${qualifiedName(name)}="${escapeAttribute(value)}"`;
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\n": "&#xA;",
  "\r": "&#xD;",
  "\t": "&#x9;",
};

export function escapeText(text: string): string {
  return text.replace(/[&<>\r]/g, (char) => entities[char] ?? char);
}

export function escapeAttribute(text: string): string {
  return text.replace(/[&<>"\n\r\t]/g, (char) => entities[char] ?? char);
}
