import { charge, step } from "#notation/csharp/value/run.ts";

/** What the writer has to know of a node; the classes stand in a file that needs the writer. */
interface Written {
  readonly nodeType: number;
  readonly parent?: Written | null;
  readonly name?: { readonly uri: string; readonly local: string };
  readonly value?: string;
  readonly target?: string;
  readonly data?: string;
  readonly nodes?: readonly Written[];
  readonly attributes?: readonly Written[];
}

interface Prefixes {
  /** Prefix by namespace, as it is written around here. */
  readonly declared: ReadonlyMap<string, string>;
  /** Those of the nodes above what is written: they are declared again where they are used. */
  readonly above: ReadonlyMap<string, string>;
}

const xmlns = "http://www.w3.org/2000/xmlns/";

/** XML text; indented by two spaces where no text stands among the children, without a declaration. */
export function writeXml(node: unknown, isIndented: boolean): string {
  const written = node as Written;
  return write(written, isIndented ? "\n" : "", { declared: start, above: declaredAbove(written) });
}

const start: ReadonlyMap<string, string> = new Map([["http://www.w3.org/XML/1998/namespace", "xml"]]);

function declaredAbove(node: Written): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (let at = node.parent ?? null; at !== null; at = at.parent ?? null) {
    for (const { name, value = "" } of at.attributes ?? [])
      if (name?.uri === xmlns && !found.has(value)) found.set(value, name.local);
  }
  return found;
}

function write(node: Written, line: string, prefixes: Prefixes): string {
  step();
  switch (node.nodeType) {
    case 1:
      return element(node, line, prefixes);
    case 2:
      return attribute(node, prefixes);
    case 4:
      return `<![CDATA[${node.value ?? ""}]]>`;
    case 7:
      return `<?${node.target ?? ""} ${node.data ?? ""}?>`;
    case 8:
      return `<!--${node.value ?? ""}-->`;
    case 9:
      return (node.nodes ?? []).map((child) => write(child, line, prefixes)).join(line);
    default:
      return escaped(node.value ?? "", false);
  }
}

function element(node: Written, line: string, outer: Prefixes): string {
  const declared = new Map(outer.declared);
  const { above } = outer;
  const given = node.attributes ?? [];
  for (const each of given) {
    if (each.name?.uri === xmlns) declared.set(each.value ?? "", each.name.local);
    else if (each.name?.uri === "" && each.name.local === "xmlns") declared.set(each.value ?? "", "");
  }
  const { uri = "", local = "" } = node.name ?? {};
  const known = declared.get(uri);
  const needsDefault = known === undefined && (uri !== "" || [...declared.values()].includes(""));
  if (needsDefault && !above.has(uri)) {
    for (const [other, prefix] of declared) if (prefix === "") declared.delete(other);
  }
  if (needsDefault) declared.set(uri, above.get(uri) ?? "");
  const prefix = known ?? (needsDefault ? (above.get(uri) ?? "") : "");
  const tag = prefix === "" ? local : `${prefix}:${local}`;
  const own = needsDefault ? ` xmlns${prefix === "" ? "" : `:${prefix}`}="${escaped(uri, true)}"` : "";
  const inside: Prefixes = { declared, above };
  const attributes = given.map((each) => ` ${attribute(each, inside)}`).join("") + own;
  const children = node.nodes ?? [];
  if (children.length === 0) return `<${tag}${attributes} />`;
  // Text among the children would be changed by white space around it.
  const isMixed = line === "" || children.some((child) => child.nodeType === 3 || child.nodeType === 4);
  const inner = isMixed ? "" : `${line}  `;
  const content = children.map((child) => inner + write(child, inner, inside)).join("");
  charge(content.length);
  return `<${tag}${attributes}>${content}${isMixed ? "" : line}</${tag}>`;
}

function attribute(node: Written, prefixes: Prefixes): string {
  const { uri = "", local = "" } = node.name ?? {};
  const value = `="${escaped(node.value ?? "", true)}"`;
  if (uri === "") return local + value;
  if (uri === xmlns) return `xmlns:${local}${value}`;
  const prefix = prefixes.declared.get(uri);
  return prefix === undefined || prefix === ""
    ? `p1:${local}${value} xmlns:p1="${escaped(uri, true)}"`
    : `${prefix}:${local}${value}`;
}

function escaped(text: string, isAttribute: boolean): string {
  charge(text.length * 2);
  const made = text.replace(/[&<>\r]/g, (char) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[char] ?? "&#xD;");
  return isAttribute ? made.replace(/["\n\t]/g, (char) => ({ '"': "&quot;", "\n": "&#xA;" })[char] ?? "&#x9;") : made;
}
