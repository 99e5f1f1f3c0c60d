import type { Cursor } from "./cursor.ts";
import type { XmlAttribute } from "./document.ts";
import { scanAttributeValue } from "./scan-value.ts";

const name = /[\p{L}_:][\p{L}\p{N}_:.\-\u00b7]*/uy;
const space = /[ \t\r\n]+/y;
const junk = /[^\s"'<>/=]+|["'=/]/y;
const unquoted = /[^\s"'<>]*/y;

/** Longer names are slips, and would fill messages. */
const maxName = 256;

export interface Tag {
  readonly name: string;
  readonly attributes: readonly XmlAttribute[];
  /** Ends with `/>`. */
  readonly empty: boolean;
}

/** Name of an element or attribute that begins here, or undefined. */
export function scanName(cursor: Cursor): string | undefined {
  return cursor.match(name)?.slice(0, maxName);
}

/** A start tag, its `<` and name read already; goes behind its `>`. */
export function scanStartTag(cursor: Cursor, element: string): Tag {
  const attributes: XmlAttribute[] = [];
  for (;;) {
    if (cursor.stopped) return { name: element, attributes, empty: true };
    const spaced = cursor.match(space) !== undefined;
    if (cursor.match(/\/>/y) !== undefined) return { name: element, attributes, empty: true };
    if (cursor.match(/>/y) !== undefined) return { name: element, attributes, empty: false };
    const next = cursor.text[cursor.at];
    if (next === undefined || next === "<") {
      cursor.report("xml-syntax", cursor.at, `the tag ${element} is never closed`, "close it with >");
      return { name: element, attributes, empty: next === undefined };
    }
    const attribute = scanAttribute(cursor, element, spaced);
    if (attribute === undefined) continue;
    if (attributes.some((other) => other.name === attribute.name)) {
      const message = `the attribute ${attribute.name} stands twice in ${element}`;
      cursor.report("xml-duplicate-attribute", attribute.at, message, "keep one of them");
    } else attributes.push(attribute);
  }
}

/** A name of X.509 has quotes of its own, which documents write as they are: `subject="O="Contoso, Inc.", C=US"`. */
function holdsNames(element: string, attribute: string): boolean {
  return element === "identity" && (attribute === "subject" || attribute === "issuer-subject");
}

function scanAttribute(cursor: Cursor, element: string, spaced: boolean): XmlAttribute | undefined {
  const { at } = cursor;
  const attribute = scanName(cursor);
  if (attribute === undefined) {
    const found = cursor.match(junk) ?? "";
    cursor.report("xml-syntax", at, `${JSON.stringify(found.slice(0, 20))} is no attribute of ${element}`);
    return undefined;
  }
  if (!spaced) cursor.report("xml-syntax", at, `no space before the attribute ${attribute}`, "put a space there");
  if (cursor.match(/\s*=\s*/y) === undefined) {
    cursor.report("xml-syntax", at, `the attribute ${attribute} has no value`, `write ${attribute}="…"`);
    return undefined;
  }
  const quote = cursor.match(/["']/y);
  if (quote === '"' || quote === "'") {
    const value = scanAttributeValue(cursor, quote, holdsNames(element, attribute));
    return { name: attribute, at, value };
  }
  cursor.report("xml-syntax", cursor.at, `the value of ${attribute} has no quotes`, `write ${attribute}="…"`);
  cursor.match(unquoted);
  return undefined;
}
