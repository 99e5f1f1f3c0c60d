import type { Value } from "#model/policy-tree.ts";
import { endOfExpression, startsExpression } from "#notation/csharp/syntax/end-of-expression.ts";
import type { ArgumentSpec } from "#notation/catalogue/spec.ts";
import type { XmlElement, XmlText, XmlValue } from "./document.ts";
import { readExpression, readFilledExpression } from "./expression.ts";
import { fillValue } from "./fill.ts";
import { findHole } from "./hole.ts";
import { readLiteral } from "./literal.ts";
import type { XmlReading } from "./reading.ts";

/** Reads the value of an attribute: a literal or one expression. */
export function readAttributeValue(
  reading: XmlReading,
  spec: ArgumentSpec,
  value: XmlValue,
  owner: string,
): Value | undefined {
  return readOne(reading, spec, value, owner, "spaces");
}

/** Reads what stands between the tags of an element that holds a value. */
export function readContent(
  reading: XmlReading,
  spec: ArgumentSpec,
  element: XmlElement,
  owner: string,
): Value | undefined {
  const { children, inner } = element;
  if (spec.xmlMarkup === "inner" && children.some(({ kind }) => kind === "element")) {
    return readMarkup(reading, spec, element, inner, owner);
  }
  const texts = children.filter((child) => child.kind === "text");
  const [only] = texts;
  if (only === undefined) return readLiteral(reading, spec, "", false, reading.document.source.at(element.at), owner);
  if (texts.length === 1) return readOne(reading, spec, only.value, owner, "yes");
  return readSeveral(reading, spec, texts, owner);
}

/** Elements as text. An element `value` around an expression is no element of the text. */
export function readMarkup(
  reading: XmlReading,
  spec: ArgumentSpec,
  element: XmlElement,
  range: { readonly start: number; readonly end: number },
  owner: string,
): Value | undefined {
  const [only, ...more] = element.children;
  if (spec.xmlMarkup === "inner" && only?.kind === "element" && only.name === "value" && more.length === 0) {
    const [inside] = only.children;
    if (inside?.kind === "text" && inside.value.kind === "expression") {
      return readOne(reading, spec, inside.value, owner, "yes");
    }
  }
  const filled = fillValue(reading, { kind: "literal", ...range }, "no");
  if (filled === undefined) return undefined;
  const text = filled.text.text.replace(/\r\n?/g, "\n");
  if (filled.open) return { kind: "template", parts: [text] };
  return readLiteral(reading, spec, text, filled.secret, reading.document.source.at(range.start), owner);
}

function readOne(
  reading: XmlReading,
  spec: ArgumentSpec,
  value: XmlValue,
  owner: string,
  decode: "yes" | "spaces",
): Value | undefined {
  if (value.kind === "broken") return undefined;
  if (value.kind === "expression") return readExpression(reading, spec, value, owner);
  const keepsSpace = decode === "spaces" || spec.xmlMarkup !== undefined || value.kind === "cdata";
  const inside = keepsSpace ? value : withoutSpace(reading, value);
  const filled = fillValue(reading, inside, value.kind === "cdata" ? "no" : decode);
  if (filled === undefined) return undefined;
  const { text } = filled.text;
  const at = reading.document.source.at(value.start);
  if (filled.begins && !filled.open && isExpression(text.trim())) {
    if (spec.expression === true || spec.type === "condition") {
      return readFilledExpression(reading, filled, value.start, spec.type === "condition" ? "bool" : "any");
    }
    reading.problems.error("expression-misplaced", at, `${owner} takes no expressions, and the value is one`);
    return undefined;
  }
  if (filled.open || isOpenText(reading, spec, text)) return { kind: "template", parts: [text] };
  return readLiteral(reading, spec, text, filled.secret, at, owner);
}

/** White space around a text lays out the document; written as references it belongs to the text. */
function withoutSpace({ document }: XmlReading, { kind, start, end }: XmlValue): XmlValue {
  const text = document.source.text.slice(start, end);
  return { kind, start: start + text.length - text.trimStart().length, end: end - text.length + text.trimEnd().length };
}

/** A text with a hole: what it will be cannot be checked yet. */
function isOpenText(reading: XmlReading, { type, xmlMarkup }: ArgumentSpec, text: string): boolean {
  // Bodies are full of braces.
  return reading.open && type === "string" && xmlMarkup === undefined && findHole(text) !== undefined;
}

/** Text, comments and CDATA in turn. */
function readSeveral(
  reading: XmlReading,
  spec: ArgumentSpec,
  texts: readonly XmlText[],
  owner: string,
): Value | undefined {
  const computed = texts.find(({ value }) => value.kind === "expression");
  if (computed !== undefined) {
    const at = reading.document.source.at(computed.value.start);
    reading.problems.error("expression-misplaced", at, `${owner}: text stands beside the expression`);
    return undefined;
  }
  const parts = texts.map(({ value }) => fillValue(reading, value, value.kind === "cdata" ? "no" : "yes"));
  if (parts.some((part) => part === undefined)) return undefined;
  const text = parts.map((part) => part?.text.text ?? "").join("");
  if (parts.some((part) => part?.open === true)) return { kind: "template", parts: [text] };
  const at = reading.document.source.at(texts[0]?.value.start ?? 0);
  const secret = parts.some((part) => part?.secret === true);
  return readLiteral(reading, spec, spec.xmlMarkup === undefined ? text.trim() : text, secret, at, owner);
}

function isExpression(text: string): boolean {
  if (!startsExpression(text, 0)) return false;
  const found = endOfExpression(text, 0);
  return found.ok && found.end === text.length;
}
