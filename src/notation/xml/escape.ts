import { findImpossible } from "./characters.ts";

const names: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

export function canStandInXml(text: string): boolean {
  return findImpossible(text) < 0;
}

/** A literal for an attribute, so that it is read as the same literal and never as an expression or a value. */
export function escapeAttribute(text: string, keepsValues: boolean): string {
  return guard(text.replace(/[&<"\r\n\t]/g, reference), keepsValues);
}

/** The same for text between tags, whose white space at both ends would be dropped otherwise. */
export function escapeText(text: string, keepsValues: boolean, keepsSpace: boolean): string {
  const escaped = guard(text.replace(/[&<>\r]/g, reference), keepsValues);
  const dropped = keepsSpace ? /^\s+$/ : /^\s+|\s+$/g;
  return escaped.replace(dropped, (space) => [...space].map((one) => `&#${one.codePointAt(0)};`).join(""));
}

/** The C# of an expression as an attribute of a well-formed document. Line ends are kept where a reader would make spaces of them. */
export function escapeExpression(source: string): string {
  return source.replace(/[&<>"\r\n\t]/g, reference);
}

/** The same between tags, where quotes are as they are: whoever takes the document for C# as it stands reads the same. */
export function escapeExpressionText(source: string): string {
  return source.replace(/[&<\r]|(?<=\]\])>/g, reference);
}

function reference(character: string): string {
  return names[character] ?? `&#${character.codePointAt(0)};`;
}

/** What begins like an expression, and double braces, mean something: here they are to mean themselves. */
function guard(text: string, keepsValues: boolean): string {
  const literal = text.replace(/^(\s*)@(?=[({])/, "$1&#64;");
  return keepsValues ? literal : literal.replace(/\{(?=\{)/g, "&#123;");
}
