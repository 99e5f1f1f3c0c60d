/** Text that is HTML already: made by {@link html}, or of constants alone. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Part = Html | string | number | null | readonly Part[];

const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
  "`": "&#96;",
};

/**
 * HTML with values in it, each of them escaped for text and for quoted attributes. Never put one into a script, a style,
 * or an attribute without quotes; an address must have been checked for its scheme.
 * The formatter indents what stands in the template: white space must not matter there.
 */
export function html(pieces: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(pieces.reduce((text, piece, at) => text + written(parts[at - 1] ?? null) + piece));
}

function written(part: Part): string {
  if (part === null) return "";
  if (part instanceof Html) return part.text;
  if (typeof part === "object") return part.map(written).join("");
  return String(part).replaceAll(/[&<>"'`]/g, (character) => escapes[character] ?? "");
}
