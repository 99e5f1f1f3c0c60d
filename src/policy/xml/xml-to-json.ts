import type { Steps } from "#lib/slices.ts";
import { expressionFailed } from "#policy/failure.ts";
import { localName, type ParsedXml, type XmlElement, type XmlNode } from "./xml-node.ts";

export interface XmlToJsonSettings {
  /** `direct` keeps what something was in XML in its name (`@id`, `#text`); `javascript-friendly` does not. */
  readonly kind: "direct" | "javascript-friendly";
  /** A child element is a list even when it stands alone. */
  readonly alwaysArray: boolean;
  /** Longest result, UTF-16 units. */
  readonly maxUnits: number;
}

/** Elements that are written at a stretch. */
const stretch = 64;

/**
 * JSON of a document by the rules that Newtonsoft's converter made common: attributes first, siblings of one name as
 * a list in the place of the first, text alone as a string, an empty element as null. All values are strings.
 */
export function* xmlToJson({ declaration, root }: ParsedXml, settings: XmlToJsonSettings): Steps<string> {
  const writer = new JsonOfXml(settings);
  const members: (readonly [string, string])[] = [];
  if (settings.kind === "direct" && declaration !== undefined) {
    const said = Object.entries(declaration).filter(([, value]) => value !== "");
    members.push(["?xml", objectOf(said.map(([name, value]) => [`@${name}`, JSON.stringify(value)]))]);
  }
  members.push([writer.nameOf(root), yield* writer.value(root)]);
  return objectOf(members);
}

/** Put together by `+`, which copies nothing: what is nested would be copied at each level. */
function objectOf(members: readonly (readonly [string, string])[]): string {
  let json = "";
  for (const [name, value] of members) json += `${json === "" ? "{" : ","}${JSON.stringify(name)}:${value}`;
  return json === "" ? "{}" : `${json}}`;
}

function listOf(values: readonly string[]): string {
  let json = "";
  for (const value of values) json += (json === "" ? "[" : ",") + value;
  return `${json}]`;
}

class JsonOfXml {
  readonly #settings: XmlToJsonSettings;
  readonly #friendly: boolean;
  #elements = 0;
  #units = 0;

  constructor(settings: XmlToJsonSettings) {
    this.#settings = settings;
    this.#friendly = settings.kind === "javascript-friendly";
  }

  nameOf({ name }: XmlElement): string {
    return this.#friendly ? localName(name) : name;
  }

  *value(element: XmlElement): Steps<string> {
    this.#elements += 1;
    if (this.#elements % stretch === 0) yield;
    const children = significant(element.children);
    const attributes = element.attributes.filter(([name]) => !this.#friendly || !isNamespace(name));
    if (attributes.length === 0 && children.every(({ kind }) => kind === "text")) return this.#text(children);
    const groups = new Map<string, string[]>();
    const lists = new Set<string>();
    for (const [name, value] of attributes) add(groups, this.#attributeName(name), this.#string(value));
    for (const child of children) {
      if (child.kind === "element") {
        const name = this.nameOf(child);
        if (this.#settings.alwaysArray) lists.add(name);
        add(groups, name, yield* this.value(child));
      } else if (child.kind !== "comment") {
        add(
          groups,
          child.kind === "cdata" && !this.#friendly ? "#cdata-section" : this.#textName,
          this.#string(child.text),
        );
      }
    }
    return this.#object(groups, lists);
  }

  get #textName(): string {
    return this.#friendly ? "text" : "#text";
  }

  /** Text alone; several pieces of it are one. */
  #text(children: readonly XmlNode[]): string {
    const texts = children.map((child) => (child.kind === "element" ? "" : child.text));
    return texts.length === 0 ? "null" : this.#string(texts.join(""));
  }

  #attributeName(name: string): string {
    return this.#friendly ? localName(name) : `@${name}`;
  }

  #string(text: string): string {
    const json = JSON.stringify(text);
    this.#count(json.length);
    return json;
  }

  #object(groups: ReadonlyMap<string, readonly string[]>, lists: ReadonlySet<string>): string {
    const members = [...groups].map(([name, values]) => {
      this.#count(name.length + 6);
      const [only = "null"] = values;
      return [name, values.length > 1 || lists.has(name) ? listOf(values) : only] as const;
    });
    return objectOf(members);
  }

  /** Names are written for each element, but what a document has of them is bounded by its own length. */
  #count(units: number): void {
    this.#units += units;
    if (this.#units > this.#settings.maxUnits) throw expressionFailed("the body would become too large");
  }
}

function add(groups: Map<string, string[]>, name: string, value: string): void {
  const values = groups.get(name);
  if (values === undefined) groups.set(name, [value]);
  else values.push(value);
}

/** White space between elements lays out the document; comments say nothing to a program. */
function significant(children: readonly XmlNode[]): readonly XmlNode[] {
  const kept = children.filter((child) => child.kind !== "comment");
  const mixed = kept.some(({ kind }) => kind === "element" || kind === "cdata");
  return mixed ? kept.filter((child) => child.kind !== "text" || child.text.trim() !== "") : kept;
}

function isNamespace(name: string): boolean {
  return name === "xmlns" || name.startsWith("xmlns:");
}
