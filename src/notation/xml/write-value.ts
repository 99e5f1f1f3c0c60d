import type { Value } from "#model/policy-tree.ts";
import type { ArgumentSpec } from "#notation/catalogue/spec.ts";
import { canStandInXml, escapeAttribute, escapeExpression, escapeExpressionText, escapeText } from "./escape.ts";
import { unitOf } from "./literal.ts";
import { Unwritable } from "./unwritable.ts";

export type XmlForm = "xml" | "rawxml";

/** A value as an attribute, `name="…"`. */
export function writeAttribute(name: string, spec: ArgumentSpec, value: Value, form: XmlForm): string {
  if (value.kind === "expression") return `${name}="${writeExpression(value, form, escapeExpression)}"`;
  const { text, open } = textOf(spec, value);
  return `${name}="${escapeAttribute(text, open)}"`;
}

/** A value as text between tags. */
export function writeContent(spec: ArgumentSpec, value: Value, form: XmlForm): string {
  if (value.kind === "expression") return writeExpression(value, form, escapeExpressionText);
  const { text, open } = textOf(spec, value);
  // Bodies with tags of their own are easier to read so.
  const plain = /[<&]/.test(text) && !/\]\]>|\{\{|\r/.test(text);
  return plain ? `<![CDATA[${text}]]>` : escapeText(text, open, spec.xmlMarkup !== undefined);
}

/** A value that is elements already. */
export function writeMarkup(spec: ArgumentSpec, value: Value): string {
  if (value.kind === "expression") throw new Unwritable("an expression is no element");
  const { text, open } = textOf(spec, value);
  if (!open && /\{\{[A-Za-z0-9._-]+\}\}/.test(text)) throw new Unwritable("a name in double braces would be filled in");
  return text;
}

function writeExpression(
  { expression }: Value & { kind: "expression" },
  form: XmlForm,
  escape: (source: string) => string,
): string {
  if (expression.language !== "csharp") throw new Unwritable("its expression is CEL, and XML has C#");
  if (expression.secret === true) throw new Unwritable("a secret is in its expression");
  return form === "rawxml" ? expression.source : escape(expression.source);
}

/** `open`: values are named in it that are still to be filled in. */
function textOf(spec: ArgumentSpec, value: Exclude<Value, { kind: "expression" }>): { text: string; open: boolean } {
  if (value.kind === "literal" && value.secret === true) throw new Unwritable("it is a secret");
  const text = value.kind === "literal" ? literalText(spec, value.value) : value.parts.map(partText).join("");
  if (!canStandInXml(text)) throw new Unwritable("it has characters that XML does not have");
  return { text, open: value.kind === "template" };
}

function partText(part: unknown): string {
  if (typeof part === "string") return part;
  throw new Unwritable("text around an expression is no value of XML");
}

function literalText(spec: ArgumentSpec, value: string | number | boolean): string {
  return typeof value === "number" ? String(value / unitOf(spec)) : String(value);
}
