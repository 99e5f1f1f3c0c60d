/** A field of a `multipart/form-data` body. */
export interface FormPart {
  readonly name: string;
  /** Its value, in the text of the body. */
  readonly from: number;
  readonly to: number;
}

const disposition = /^content-disposition[ \t]*:[ \t]*form-data\b([^\r\n]*)/gim;
const quotedName = /;\s*name\s*=\s*"((?:[^"\\\r\n]|\\.)*)"/i;
const plainName = /;\s*name\s*=\s*([^\s;"]+)/i;

/**
 * Fields of a form in parts, wherever their heads stand: whoever sends a body chooses its boundary, and readers differ in
 * what they take for one. So a value runs to the last line of dashes in front of the next head, or to the one that closes
 * the body, or to its end. Linear in the text.
 * @see RFC 7578 §4.2
 */
export function formParts(text: string): readonly FormPart[] {
  const heads = [...text.matchAll(disposition)];
  return heads.map(({ 0: line, 1: parameters = "", index }, at): FormPart => {
    const start = index + line.length;
    const next = heads[at + 1]?.index;
    const part = text.slice(start, next);
    const head = /\r?\n\r?\n/.exec(part);
    const value = head === null ? "" : part.slice(head.index + head[0].length);
    const from = start + part.length - value.length;
    return { name: nameOf(parameters), from, to: from + lengthOf(value, next === undefined) };
  });
}

function lengthOf(value: string, isLast: boolean): number {
  const line = value.lastIndexOf("\n--");
  if (line < 0 || (isLast && !/--\s*$/.test(value.slice(line + 3)))) return value.length;
  return value.charAt(line - 1) === "\r" ? line - 1 : line;
}

function nameOf(parameters: string): string {
  const quoted = quotedName.exec(parameters)?.[1];
  return quoted === undefined ? (plainName.exec(parameters)?.[1] ?? "") : quoted.replaceAll(/\\(.)/g, "$1");
}
