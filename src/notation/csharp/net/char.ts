import type { Ref, TypeTable } from "#notation/csharp/type/type-def.ts";
import { type Char, charAt, charOf } from "#notation/csharp/value/char.ts";
import { argumentNull, badFormat } from "#notation/csharp/value/net-exception.ts";
import { Double } from "#notation/csharp/value/numbers.ts";
import { compareValues } from "#notation/csharp/value/compare.ts";

const test = (pattern: RegExp) => (char: Char) => pattern.test(char.toString());
const testAt = (pattern: RegExp) => (text: string, index: number) => pattern.test(charAt(text, index).toString());

const classes: readonly (readonly [name: string, pattern: RegExp])[] = [
  ["IsDigit", /\p{Nd}/u],
  ["IsLetter", /\p{L}/u],
  ["IsLetterOrDigit", /[\p{L}\p{Nd}]/u],
  ["IsNumber", /\p{N}/u],
  ["IsUpper", /\p{Lu}/u],
  ["IsLower", /\p{Ll}/u],
  ["IsWhiteSpace", /[\s\u0085]/],
  ["IsPunctuation", /\p{P}/u],
  ["IsSymbol", /\p{S}/u],
  ["IsControl", /\p{Cc}/u],
  ["IsSeparator", /\p{Z}/u],
  ["IsSurrogate", /[\ud800-\udfff]/],
  ["IsHighSurrogate", /[\ud800-\udbff]/],
  ["IsLowSurrogate", /[\udc00-\udfff]/],
];

const cased = (change: (text: string) => string) => (char: Char) => {
  const text = change(char.toString());
  return text.length === 1 ? charAt(text, 0) : char;
};
const upper = cased((text) => text.toUpperCase());
const lower = cased((text) => text.toLowerCase());

export const charTable: TypeTable = {
  name: "Char",
  namespace: "System",
  alias: "char",
  kind: "struct",
  implements: ["IComparable", "IComparable<char>", "IConvertible"],
  zero: () => charOf(0),
  statics: {
    "MinValue: char": () => charOf(0),
    "MaxValue: char": () => charOf(0xffff),
    ...Object.fromEntries(classes.map(([name, pattern]) => [`${name}(char c): bool`, test(pattern)])),
    ...Object.fromEntries(classes.map(([name, pattern]) => [`${name}(string s, int index): bool`, testAt(pattern)])),
    "ToUpper(char c): char": upper,
    "ToUpperInvariant(char c): char": upper,
    "ToLower(char c): char": lower,
    "ToLowerInvariant(char c): char": lower,
    "ToString(char c): string": (char: Char) => char.toString(),
    "GetNumericValue(char c): double": (char: Char) =>
      new Double(/\d/.test(char.toString()) ? Number(char.toString()) : -1),
    "ConvertFromUtf32(int utf32): string": (code: number) => String.fromCodePoint(code),
    "Parse(string s): char": (text: string | null) => {
      if (text === null) throw argumentNull("s");
      if (text.length !== 1) throw badFormat("String must be exactly one character long.");
      return charAt(text, 0);
    },
    "TryParse(string s, out char result): bool": (text: string | null, result: Ref<Char>) => {
      const isOne = text?.length === 1;
      result.value = isOne ? charAt(text, 0) : charOf(0);
      return isOne;
    },
  },
  members: {
    "ToString(IFormatProvider provider): string": (self: Char) => self.toString(),
    "CompareTo(char value): int": (self: Char, other: Char) => compareValues(self, other),
    "Equals(char obj): bool": (self: Char, other: Char) => self === other,
  },
};
