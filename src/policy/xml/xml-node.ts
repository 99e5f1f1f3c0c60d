export type XmlNode = XmlElement | XmlText;

export interface XmlElement {
  readonly kind: "element";
  /** With its prefix, as it is written. */
  readonly name: string;
  /** Names with their values, in order. */
  readonly attributes: readonly (readonly [string, string])[];
  readonly children: XmlNode[];
}

export interface XmlText {
  readonly kind: "text" | "cdata" | "comment";
  readonly text: string;
}

/** What the declaration says; empty for what it does not. */
export interface XmlDeclaration {
  readonly version: string;
  readonly encoding: string;
  readonly standalone: string;
}

export interface ParsedXml {
  readonly declaration: XmlDeclaration | undefined;
  readonly root: XmlElement;
}

/** The name without its prefix. */
export function localName(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}

export function elementsOf({ children }: XmlElement): readonly XmlElement[] {
  return children.filter((child) => child.kind === "element");
}

/** All text inside, that of elements included. */
export function textOf(element: XmlElement): string {
  let text = "";
  for (const child of element.children) {
    if (child.kind === "element") text += textOf(child);
    else if (child.kind !== "comment") text += child.text;
  }
  return text;
}
