import type { Steps } from "#lib/slices.ts";
import { expressionFailed } from "#policy/failure.ts";
import { keptNumber } from "#policy/exact-json.ts";
import { escapeAttribute, escapeText, xmlName } from "./write-xml.ts";

export interface JsonToXmlSettings {
  /** What members that declare namespaces begin with; undefined: none does. */
  readonly namespacePrefix: string | undefined;
  /** Between a prefix and a name; only where there is a namespacePrefix. */
  readonly namespaceSeparator: string;
  /** Member whose own members are attributes of the element that holds it; undefined: none is. */
  readonly attributeBlock: string | undefined;
  /** Writes a text; dates become what they are in XML. */
  readonly text: (text: string) => string;
  /** Longest result, UTF-16 units. */
  readonly maxUnits: number;
}

/** Around what has no single root of its own. */
const document = "Document";

const maxDepth = 256;

/** Elements that are written at a stretch. */
const stretch = 64;

type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** XML of a JSON value: a member is an element, a list repeats it, `@name` is an attribute, `#text` a text. */
export function* jsonToXml(value: unknown, settings: JsonToXmlSettings): Steps<string> {
  const writer = new XmlOfJson(settings);
  const json = value as Json;
  if (isObject(json)) {
    const [root, ...more] = Object.entries(json);
    const isRoot = root !== undefined && more.length === 0 && !Array.isArray(root[1]) && writer.isElement(root[0]);
    if (isRoot) yield* writer.element(root[0], root[1], 0);
    else yield* writer.element(document, json, 0);
  } else if (Array.isArray(json)) yield* writer.element(document, { [document]: json }, 0);
  else yield* writer.element(document, json, 0);
  return writer.xml;
}

function isObject(json: Json): json is { readonly [name: string]: Json } {
  return typeof json === "object" && json !== null && !Array.isArray(json) && keptNumber(json) === undefined;
}

class XmlOfJson {
  xml = "";
  readonly #settings: JsonToXmlSettings;
  #elements = 0;

  constructor(settings: JsonToXmlSettings) {
    this.#settings = settings;
  }

  isElement(name: string): boolean {
    return (
      !name.startsWith("@") && !name.startsWith("#") && name !== this.#settings.attributeBlock && !this.#declares(name)
    );
  }

  *element(name: string, value: Json, depth: number): Steps<undefined> {
    if (depth > maxDepth) throw expressionFailed(`the body is more than ${maxDepth} deep`);
    this.#elements += 1;
    if (this.#elements % stretch === 0) yield;
    if (Array.isArray(value)) {
      for (const item of value as readonly Json[]) yield* this.element(name, item, depth + 1);
      return undefined;
    }
    const tag = this.#name(name);
    if (!isObject(value)) {
      this.#write(value === null || value === "" ? `<${tag}/>` : `<${tag}>${this.#scalar(value)}</${tag}>`);
      return undefined;
    }
    const entries = Object.entries(value);
    this.#write(`<${tag}${this.#attributes(entries)}`);
    const content = entries.filter(([member]) => this.isElement(member) || isText(member));
    if (content.length === 0) return void this.#write("/>") as undefined;
    this.#write(">");
    for (const [member, inner] of content) {
      if (isText(member)) this.#write(this.#scalar(inner));
      else yield* this.element(member, inner, depth + 1);
    }
    this.#write(`</${tag}>`);
    return undefined;
  }

  #attributes(entries: readonly (readonly [string, Json])[]): string {
    let written = "";
    const seen = new Set<string>();
    const add = (name: string, value: Json): void => {
      // A document with an attribute twice is none.
      if (seen.has(name)) throw expressionFailed("an element would have an attribute twice");
      seen.add(name);
      written += ` ${name}="${escapeAttribute(value === null ? "" : this.#plain(value))}"`;
    };
    for (const [name, value] of entries) {
      if (name.startsWith("@")) add(this.#name(name.slice(1)), value);
      else if (this.#declares(name)) add(this.#declaration(name), value);
      else if (name === this.#settings.attributeBlock && isObject(value)) {
        for (const [inner, own] of Object.entries(value)) add(this.#name(inner), own);
      }
    }
    return written;
  }

  #declares(name: string): boolean {
    const { namespacePrefix } = this.#settings;
    return namespacePrefix !== undefined && namespacePrefix !== "" && name.startsWith(namespacePrefix);
  }

  /** `xmlns_soap` declares the prefix soap, `xmlns` alone the default. */
  #declaration(name: string): string {
    const { namespacePrefix = "", namespaceSeparator } = this.#settings;
    const rest = name.slice(namespacePrefix.length);
    const prefix = rest.startsWith(namespaceSeparator) ? rest.slice(namespaceSeparator.length) : rest;
    return prefix === "" ? "xmlns" : `xmlns:${xmlName(prefix)}`;
  }

  #name(name: string): string {
    const { namespacePrefix, namespaceSeparator } = this.#settings;
    const at = namespacePrefix === undefined || namespaceSeparator === "" ? -1 : name.indexOf(namespaceSeparator);
    if (at <= 0) return name.includes(":") ? name.split(":", 2).map(xmlName).join(":") : xmlName(name);
    return `${xmlName(name.slice(0, at))}:${xmlName(name.slice(at + namespaceSeparator.length))}`;
  }

  #scalar(value: Json): string {
    return value === null ? "" : escapeText(this.#plain(value));
  }

  #plain(value: Json): string {
    if (typeof value === "string") return this.#settings.text(value);
    const number = keptNumber(value);
    if (number !== undefined) return number;
    return typeof value === "object" ? JSON.stringify(value) : String(value);
  }

  #write(text: string): void {
    this.xml += text;
    if (this.xml.length > this.#settings.maxUnits) throw expressionFailed("the body would become too large");
  }
}

function isText(name: string): boolean {
  return name === "#text" || name === "#cdata-section";
}
