export type TokenKind =
  | "name"
  | "keyword"
  | "integer"
  | "real"
  | "string"
  | "char"
  | "interpolated"
  | "operator"
  | "end";

/** A hole of an interpolated string, with tokens of its own. */
export interface HoleTokens {
  readonly tokens: readonly Token[];
  readonly alignment: readonly Token[] | null;
  readonly format: string | null;
}

export interface Token {
  readonly kind: TokenKind;
  /** As written; a name without its `@`, a string without quotes and with its escapes resolved. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** Lower-case suffix of a number: "", "u", "l", "ul", "f", "d", "m". */
  readonly suffix?: string;
  readonly parts?: readonly (string | HoleTokens)[];
}

/** C#'s reserved words. Contextual ones (`var`, `when`, `from`, …) are names. */
export const keywords: ReadonlySet<string> = new Set(
  (
    "abstract as base bool break byte case catch char checked class const continue decimal default delegate do double " +
    "else enum event explicit extern false finally fixed float for foreach goto if implicit in int interface internal " +
    "is lock long namespace new null object operator out override params private protected public readonly ref return " +
    "sbyte sealed short sizeof stackalloc static string struct switch this throw true try typeof uint ulong unchecked " +
    "unsafe ushort using virtual void volatile while"
  ).split(" "),
);

/** Longest first. `>>` and `>>=` are left to the parser, because `>` also closes type arguments. */
export const operators: readonly string[] = [
  ..."<<= ??= ... ++ -- && || == != <= >= => += -= *= /= %= &= |= ^= << ?? ?. :: -> ..".split(" "),
  ..."+-*/%&|^!~<>=?:;,.()[]{}",
];
