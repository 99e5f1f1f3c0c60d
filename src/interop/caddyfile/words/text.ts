import { celText, plainText, variable } from "./cel.ts";
import { type Moment, placeholderAt } from "./placeholders.ts";

/** A text of a Caddyfile in pieces: what is written, and placeholders by name. */
export type Piece = string | { readonly name: string };

/** Splits at `{name}`; `\{` is a brace. */
export function piecesOf(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  const pattern = /\\([{}])|\{([^{}\s"']+)\}/g;
  let written = "";
  let at = 0;
  for (const found of text.matchAll(pattern)) {
    written += text.slice(at, found.index);
    at = found.index + found[0].length;
    if (found[1] !== undefined) written += found[1];
    else {
      if (written !== "") pieces.push(written);
      written = "";
      pieces.push({ name: found[2] as string });
    }
  }
  written += text.slice(at);
  if (written !== "" || pieces.length === 0) pieces.push(written);
  return pieces;
}

export function isPlain(text: string): boolean {
  return piecesOf(text).every((piece) => typeof piece === "string");
}

export function literal(text: string): string {
  return piecesOf(text)
    .map((piece) => (typeof piece === "string" ? piece : `{${piece.name}}`))
    .join("");
}

/** Names that a site gives meaning itself: destinations of `map`, and variables of the environment. */
export interface Names {
  readonly mapped: ReadonlySet<string>;
  readonly moment: Moment;
  /** `{env.NAME}`: notes that the definition needs it. @returns CEL that gives its text */
  readonly environment: (name: string) => string;
  /** A group of a regular expression is asked for. */
  readonly captured: (name: string) => void;
  readonly unknown: (name: string) => void;
  /** The one port that the site is at; null: it has several. */
  readonly port: number | null;
}

/** @returns CEL that gives a string */
export function textToCel(text: string, names: Names): string {
  return piecesOf(text)
    .map((piece) => (typeof piece === "string" ? celText(piece) : celOf(piece.name, names)))
    .join(" + ");
}

/** @returns text of the definition, with `${…}` where a placeholder stands */
export function textToTemplate(text: string, names: Names): string {
  return piecesOf(text)
    .map((piece) => (typeof piece === "string" ? plainText(piece) : `\${${celOf(piece.name, names)}}`))
    .join("");
}

function celOf(name: string, names: Names): string {
  if (names.mapped.has(name)) return `string(${variable(`map.${name}`)})`;
  const environment = /^env\.(.+)$/.exec(name)?.[1];
  if (environment !== undefined) return names.environment(environment);
  const group = /^(?:re|http\.regexp)\.(.+)$/.exec(name)?.[1];
  if (group !== undefined) names.captured(group);
  const found = placeholderAt(name, names.moment);
  if (found === undefined) names.unknown(name);
  return found ?? '""';
}
