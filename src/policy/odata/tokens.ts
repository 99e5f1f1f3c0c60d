export type TokenKind = "text" | "literal" | "name" | "option" | "alias" | "mark" | "end";

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
}

/** What an OData URL holds cannot be read. The message is shown to the client, and quotes nothing of the URL. */
export class OdataProblem extends Error {
  override readonly name = "OdataProblem";
}

const guid = "[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}";
const letter = "[\\p{L}\\p{Nl}_]";
const name = `${letter}[\\p{L}\\p{Nl}\\p{Nd}\\p{Mn}\\p{Mc}\\p{Pc}\\p{Cf}]{0,127}`;

/** Each is decided by its first characters, so reading takes time in the length of the text alone. */
const patterns: readonly (readonly [TokenKind | "space", RegExp])[] = [
  ["space", /[ \t]+/uy],
  ["text", /'(?:[^']|'')*'/uy],
  ["text", /"(?:[^"\\]|\\.)*"/uy],
  ["literal", new RegExp(guid, "uy")],
  ["literal", /-?[0-9][0-9A-Za-z.:+-]*/uy],
  ["name", new RegExp(name, "uy")],
  ["option", /\$[A-Za-z]{1,32}/uy],
  ["alias", new RegExp(`@${name}`, "uy")],
  ["mark", /[()/,;:=*.[\]{}-]/uy],
];

/** @throws OdataProblem */
export function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const found = matchAt(text, at);
    if (found === undefined) throw new OdataProblem(`nothing can begin with the character at position ${at + 1}`);
    if (found.kind === "literal" && !isLiteral(found.text)) {
      throw new OdataProblem(`the literal at position ${at + 1} is no number, date, time or GUID`);
    }
    if (found.kind !== "space") tokens.push({ kind: found.kind, text: found.text });
    at += found.text.length;
  }
  tokens.push({ kind: "end", text: "" });
  return tokens;
}

function matchAt(text: string, at: number): { readonly kind: TokenKind | "space"; readonly text: string } | undefined {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found !== null) return { kind, text: found[0] };
  }
  return undefined;
}

const literals: readonly RegExp[] = [
  /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?[mMdDfFlL]?$/,
  new RegExp(`^${guid}$`),
  /^-?\d{4,6}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,12})?)?(?:Z|[+-]\d\d:\d\d)?)?$/,
  /^\d\d:\d\d(?::\d\d(?:\.\d{1,12})?)?$/,
];

function isLiteral(text: string): boolean {
  return text.length <= 380 && literals.some((pattern) => pattern.test(text));
}
