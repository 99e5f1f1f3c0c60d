import type { SourceText } from "./source-text.ts";

/** A policy document as it is written: elements, and where everything stands in the original text. */
export interface XmlDocument {
  readonly source: SourceText;
  readonly root: XmlElement;
  /**
   * `xml`: all of it is well-formed, expressions are escaped. `rawxml`: C# stands in it as it is. The two differ in
   * what `&amp;` in an expression means.
   */
  readonly form: "xml" | "rawxml";
  /** In the order of the text; commented-out ones are not here. */
  readonly expressions: readonly XmlValue[];
}

export interface XmlElement {
  readonly kind: "element";
  readonly name: string;
  /** Of its `<`. */
  readonly at: number;
  readonly attributes: readonly XmlAttribute[];
  /** Comments and white space between elements are left out. */
  readonly children: readonly XmlNode[];
  /** What stands between its tags. */
  readonly inner: { readonly start: number; readonly end: number };
  /** Behind its last `>`. */
  readonly end: number;
}

export interface XmlAttribute {
  readonly name: string;
  readonly at: number;
  readonly value: XmlValue;
}

export interface XmlText {
  readonly kind: "text";
  readonly value: XmlValue;
}

export type XmlNode = XmlElement | XmlText;

/**
 * Text of an attribute or between tags, from `start` to `end` in the source. `literal` and `expression` hold
 * entities; an expression begins with its `@` and ends with its bracket. `cdata` is as it stands. `broken` was
 * reported already.
 */
export interface XmlValue {
  readonly kind: "literal" | "expression" | "cdata" | "broken";
  readonly start: number;
  readonly end: number;
}
