import type { TypeTable } from "#notation/csharp/type/type-def.ts";
import { lower, upper } from "#notation/csharp/value/cased-text.ts";
import { type Char, charAt } from "#notation/csharp/value/char.ts";
import { compareBy, compareText, folded } from "#notation/csharp/value/compare-text.ts";
import type { EnumValue } from "#notation/csharp/value/enum-value.ts";
import { formatText } from "#notation/csharp/value/format.ts";
import { iterate } from "#notation/csharp/value/iterate.ts";
import { NetArray } from "#notation/csharp/value/net-array.ts";
import { argument, argumentNull, indexOutOfRange, outOfRange } from "#notation/csharp/value/net-exception.ts";
import { charge, step, text } from "#notation/csharp/value/run.ts";
import { indexOfText, lastIndexOfText, partsOfText } from "#notation/csharp/value/find-text.ts";
import { toText } from "#notation/csharp/value/to-text.ts";
import { splitText } from "#notation/csharp/value/split.ts";
import { trimText } from "#notation/csharp/value/trim.ts";
import { hostType } from "#notation/csharp/type/host-type.ts";
import { aligned } from "#notation/csharp/value/align.ts";

type Comparison = EnumValue;

function need<T>(value: T | null, name: string): T {
  if (value === null || value === undefined) throw argumentNull(name);
  return value;
}

function checkRange(self: string, start: number, length = 0): void {
  if (start < 0 || start > self.length) throw outOfRange("startIndex");
  if (length < 0 || start + length > self.length) throw outOfRange("length");
}

function find(self: string, value: string | null, start: number, comparison: number): number {
  checkRange(self, start);
  return indexOfText(folded(self, comparison), folded(need(value, "value"), comparison), start);
}

function findWithin(self: string, value: string, start: number, count: number, comparison = 4): number {
  checkRange(self, start, count);
  return indexOfText(folded(self.slice(0, start + count), comparison), folded(value, comparison), start);
}

function findLast(self: string, value: string | null, start: number, comparison: number): number {
  const wanted = folded(need(value, "value"), comparison);
  return lastIndexOfText(folded(self, comparison), wanted, start - wanted.length + 1);
}

function findAny(self: string, chars: NetArray | null, start = 0, count = self.length - start): number {
  checkRange(self, start, count);
  const wanted = need(chars, "anyOf").items;
  step(1 + (self.length >> 6));
  for (let index = start; index < start + count; index++) if (wanted.includes(charAt(self, index))) return index;
  return -1;
}

function findLastAny(self: string, chars: NetArray | null): number {
  const wanted = need(chars, "anyOf").items;
  step(1 + (self.length >> 6));
  for (let index = self.length - 1; index >= 0; index--) if (wanted.includes(charAt(self, index))) return index;
  return -1;
}

function replaceAll(self: string, from: string | null, to: string | null, comparison = 4): string {
  const old = need(from, "oldValue");
  if (old === "") throw argument("String cannot be of zero length. (Parameter 'oldValue')");
  const parts = comparison % 2 === 1 ? splitFolded(self, old, comparison) : partsOfText(self, old);
  charge(self.length * 2 + parts.length * (to ?? "").length * 2);
  return parts.join(to ?? "");
}

function splitFolded(self: string, by: string, comparison: number): string[] {
  const within = folded(self, comparison);
  const wanted = folded(by, comparison);
  const parts: string[] = [];
  let begun = 0;
  for (const part of partsOfText(within, wanted)) {
    step();
    parts.push(self.slice(begun, begun + part.length));
    begun += part.length + by.length;
  }
  return parts;
}

function pad(self: string, width: number, char: string, isLeft: boolean): string {
  if (width < 0) throw outOfRange("totalWidth");
  charge(width * 2);
  return isLeft ? self.padStart(width, char) : self.padEnd(width, char);
}

function join(separator: string | null, items: Iterable<unknown> | null): string {
  let result = "";
  let isFirst = true;
  for (const item of need(items, "values")) {
    step();
    const piece = (isFirst ? "" : (separator ?? "")) + toText(item);
    charge(piece.length * 2);
    result += piece;
    isFirst = false;
  }
  return result;
}

function concat(items: Iterable<unknown>): string {
  return join("", items);
}

function format(pattern: string | null, args: readonly unknown[]): string {
  return text(formatText(need(pattern, "format"), args, aligned));
}

function substring(self: string, start: number, length = self.length - start): string {
  if (start < 0) throw outOfRange("startIndex");
  if (start > self.length) throw outOfRange("startIndex");
  if (length < 0 || start + length > self.length) throw outOfRange("length");
  return text(self.slice(start, start + length));
}

function split(self: string, separators: readonly string[], count: number, options: EnumValue | undefined): NetArray {
  return new NetArray(hostType("String"), splitText(self, separators, count, options?.value ?? 0));
}

const chars = (array: NetArray | null): readonly string[] => (array === null ? [] : array.items.map(String));
const unlimited = 2147483647;

/** `new string('a', n)`, `new string(chars)`. */
function repeated(char: Char, count: number): string {
  if (count < 0) throw outOfRange("count");
  charge(count * 2);
  return char.toString().repeat(count);
}

export const stringTable: TypeTable = {
  name: "String",
  namespace: "System",
  alias: "string",
  kind: "class",
  implements: ["IEnumerable<char>", "IEnumerable", "IComparable", "IComparable<string>", "IConvertible"],
  construct: {
    "(char c, int count)": repeated,
    "(char[] value)": (value: NetArray | null) => text(value === null ? "" : value.items.join("")),
    "(char[] value, int startIndex, int length)": (value: NetArray, start: number, length: number) => {
      if (start < 0 || length < 0 || start + length > value.items.length) throw outOfRange("startIndex");
      return text(value.items.slice(start, start + length).join(""));
    },
  },
  statics: {
    "Empty: string": () => "",
    "IsNullOrEmpty(string value): bool": (value: string | null) => value === null || value === "",
    "IsNullOrWhiteSpace(string value): bool": (value: string | null) => value === null || value.trim() === "",
    "Join(string separator, params string[] value): string": (by: string | null, values: NetArray | null) =>
      join(by, need(values, "value").items),
    "Join(string separator, params object[] values): string": (by: string | null, values: NetArray | null) =>
      join(by, need(values, "values").items),
    "Join(string separator, IEnumerable<string> values): string": (by: string | null, values: unknown) =>
      join(by, iterate(need(values, "values"))),
    "Join<T>(string separator, IEnumerable<T> values): string": (by: string | null, values: unknown) =>
      join(by, iterate(need(values, "values"))),
    "Join(string separator, string[] value, int startIndex, int count): string": (
      by: string | null,
      values: NetArray,
      start: number,
      count: number,
    ) => join(by, values.items.slice(start, start + count)),
    "Join(char separator, params string[] value): string": (by: Char, values: NetArray | null) =>
      join(by.toString(), need(values, "value").items),
    "Join(char separator, params object[] values): string": (by: Char, values: NetArray | null) =>
      join(by.toString(), need(values, "values").items),
    "Join<T>(char separator, IEnumerable<T> values): string": (by: Char, values: unknown) =>
      join(by.toString(), iterate(need(values, "values"))),
    "Concat(object arg0): string": toText,
    "Concat(string str0, string str1): string": (a: string | null, b: string | null) => concat([a, b]),
    "Concat(string str0, string str1, string str2): string": (a: string | null, b: string | null, c: string | null) =>
      concat([a, b, c]),
    "Concat(params string[] values): string": (values: NetArray | null) => concat(need(values, "values").items),
    "Concat(params object[] args): string": (values: NetArray | null) => concat(need(values, "args").items),
    "Concat(IEnumerable<string> values): string": (values: unknown) => concat(iterate(need(values, "values"))),
    "Concat<T>(IEnumerable<T> values): string": (values: unknown) => concat(iterate(need(values, "values"))),
    "Format(string format, params object[] args): string": (pattern: string | null, args: NetArray | null) =>
      format(pattern, need(args, "args").items),
    "Format(IFormatProvider provider, string format, params object[] args): string": (
      _provider: unknown,
      pattern: string | null,
      args: NetArray | null,
    ) => format(pattern, need(args, "args").items),
    "Equals(string a, string b): bool": (a: string | null, b: string | null) => a === b,
    "Equals(string a, string b, StringComparison comparisonType): bool": (
      a: string | null,
      b: string | null,
      how: Comparison,
    ) => compareBy(a, b, how.value) === 0,
    "Compare(string strA, string strB): int": (a: string | null, b: string | null) => compareBy(a, b, 2),
    "Compare(string strA, string strB, bool ignoreCase): int": (a: string | null, b: string | null, ignore: boolean) =>
      compareBy(a, b, ignore ? 3 : 2),
    "Compare(string strA, string strB, StringComparison comparisonType): int": (
      a: string | null,
      b: string | null,
      how: Comparison,
    ) => compareBy(a, b, how.value),
    "CompareOrdinal(string strA, string strB): int": (a: string | null, b: string | null) => compareBy(a, b, 4),
    "Copy(string str): string": (value: string) => value,
    "Intern(string str): string": (value: string) => value,
  },
  members: {
    "Length: int": (self: string) => self.length,
    "this[int index]: char": (self: string, index: number) => {
      if (index < 0 || index >= self.length) throw indexOutOfRange();
      return charAt(self, index);
    },
    "Contains(string value): bool": (self: string, value: string | null) =>
      indexOfText(self, need(value, "value")) !== -1,
    "Contains(string value, StringComparison comparisonType): bool": (
      self: string,
      value: string | null,
      how: Comparison,
    ) => find(self, value, 0, how.value) !== -1,
    "Contains(char value): bool": (self: string, value: Char) => self.includes(value.toString()),
    "Contains(char value, StringComparison comparisonType): bool": (self: string, value: Char, how: Comparison) =>
      find(self, value.toString(), 0, how.value) !== -1,
    "StartsWith(string value): bool": (self: string, value: string | null) => self.startsWith(need(value, "value")),
    "StartsWith(char value): bool": (self: string, value: Char) => self.startsWith(value.toString()),
    "StartsWith(string value, StringComparison comparisonType): bool": (
      self: string,
      value: string | null,
      how: Comparison,
    ) => folded(self, how.value).startsWith(folded(need(value, "value"), how.value)),
    "StartsWith(string value, bool ignoreCase, CultureInfo culture): bool": (
      self: string,
      value: string | null,
      ignore: boolean,
    ) => folded(self, ignore ? 5 : 4).startsWith(folded(need(value, "value"), ignore ? 5 : 4)),
    "EndsWith(string value): bool": (self: string, value: string | null) => self.endsWith(need(value, "value")),
    "EndsWith(char value): bool": (self: string, value: Char) => self.endsWith(value.toString()),
    "EndsWith(string value, StringComparison comparisonType): bool": (
      self: string,
      value: string | null,
      how: Comparison,
    ) => folded(self, how.value).endsWith(folded(need(value, "value"), how.value)),
    "EndsWith(string value, bool ignoreCase, CultureInfo culture): bool": (
      self: string,
      value: string | null,
      ignore: boolean,
    ) => folded(self, ignore ? 5 : 4).endsWith(folded(need(value, "value"), ignore ? 5 : 4)),
    "IndexOf(char value): int": (self: string, value: Char) => self.indexOf(value.toString()),
    "IndexOf(char value, int startIndex): int": (self: string, value: Char, start: number) =>
      find(self, value.toString(), start, 4),
    "IndexOf(char value, int startIndex, int count): int": (self: string, value: Char, start: number, count: number) =>
      findWithin(self, value.toString(), start, count),
    "IndexOf(char value, StringComparison comparisonType): int": (self: string, value: Char, how: Comparison) =>
      find(self, value.toString(), 0, how.value),
    "IndexOf(string value): int": (self: string, value: string | null) => find(self, value, 0, 4),
    "IndexOf(string value, int startIndex): int": (self: string, value: string | null, start: number) =>
      find(self, value, start, 4),
    "IndexOf(string value, int startIndex, int count): int": (
      self: string,
      value: string,
      start: number,
      count: number,
    ) => findWithin(self, value, start, count),
    "IndexOf(string value, StringComparison comparisonType): int": (
      self: string,
      value: string | null,
      how: Comparison,
    ) => find(self, value, 0, how.value),
    "IndexOf(string value, int startIndex, StringComparison comparisonType): int": (
      self: string,
      value: string | null,
      start: number,
      how: Comparison,
    ) => find(self, value, start, how.value),
    "IndexOf(string value, int startIndex, int count, StringComparison comparisonType): int": (
      self: string,
      value: string,
      start: number,
      count: number,
      how: Comparison,
    ) => findWithin(self, value, start, count, how.value),
    "IndexOfAny(char[] anyOf): int": (self: string, anyOf: NetArray | null) => findAny(self, anyOf),
    "IndexOfAny(char[] anyOf, int startIndex): int": (self: string, anyOf: NetArray | null, start: number) =>
      findAny(self, anyOf, start),
    "IndexOfAny(char[] anyOf, int startIndex, int count): int": findAny,
    "LastIndexOf(char value): int": (self: string, value: Char) => self.lastIndexOf(value.toString()),
    "LastIndexOf(char value, int startIndex): int": (self: string, value: Char, start: number) =>
      self.lastIndexOf(value.toString(), start),
    "LastIndexOf(string value): int": (self: string, value: string | null) =>
      lastIndexOfText(self, need(value, "value")),
    "LastIndexOf(string value, int startIndex): int": (self: string, value: string | null, start: number) =>
      findLast(self, value, start, 4),
    "LastIndexOf(string value, StringComparison comparisonType): int": (
      self: string,
      value: string | null,
      how: Comparison,
    ) => findLast(self, value, self.length - 1, how.value),
    "LastIndexOfAny(char[] anyOf): int": findLastAny,
    "Substring(int startIndex): string": (self: string, start: number) => substring(self, start),
    "Substring(int startIndex, int length): string": substring,
    "Remove(int startIndex): string": (self: string, start: number) => {
      if (start < 0 || start > self.length) throw outOfRange("startIndex");
      return substring(self, 0, start);
    },
    "Remove(int startIndex, int count): string": (self: string, start: number, count: number) => {
      checkRange(self, start, count);
      return text(self.slice(0, start) + self.slice(start + count));
    },
    "Insert(int startIndex, string value): string": (self: string, start: number, value: string | null) => {
      checkRange(self, start);
      return text(self.slice(0, start) + need(value, "value") + self.slice(start));
    },
    "Replace(string oldValue, string newValue): string": (self: string, from: string | null, to: string | null) =>
      replaceAll(self, from, to),
    "Replace(char oldChar, char newChar): string": (self: string, from: Char, to: Char) =>
      replaceAll(self, from.toString(), to.toString()),
    "Replace(string oldValue, string newValue, StringComparison comparisonType): string": (
      self: string,
      from: string | null,
      to: string | null,
      how: Comparison,
    ) => replaceAll(self, from, to, how.value),
    "Split(params char[] separator): string[]": (self: string, by: NetArray | null) =>
      split(self, chars(by), unlimited, undefined),
    "Split(char separator, StringSplitOptions options): string[]": (self: string, by: Char, how: EnumValue) =>
      split(self, [by.toString()], unlimited, how),
    "Split(char separator, int count): string[]": (self: string, by: Char, count: number) =>
      split(self, [by.toString()], count, undefined),
    "Split(char separator, int count, StringSplitOptions options): string[]": (
      self: string,
      by: Char,
      count: number,
      how: EnumValue,
    ) => split(self, [by.toString()], count, how),
    "Split(string separator): string[]": (self: string, by: string | null) =>
      split(self, [by ?? ""], unlimited, undefined),
    "Split(string separator, StringSplitOptions options): string[]": (
      self: string,
      by: string | null,
      how: EnumValue,
    ) => split(self, [by ?? ""], unlimited, how),
    "Split(string separator, int count): string[]": (self: string, by: string | null, count: number) =>
      split(self, [by ?? ""], count, undefined),
    "Split(string separator, int count, StringSplitOptions options): string[]": (
      self: string,
      by: string | null,
      count: number,
      how: EnumValue,
    ) => split(self, [by ?? ""], count, how),
    "Split(char[] separator, int count): string[]": (self: string, by: NetArray | null, count: number) =>
      split(self, chars(by), count, undefined),
    "Split(char[] separator, StringSplitOptions options): string[]": (
      self: string,
      by: NetArray | null,
      how: EnumValue,
    ) => split(self, chars(by), unlimited, how),
    "Split(char[] separator, int count, StringSplitOptions options): string[]": (
      self: string,
      by: NetArray | null,
      count: number,
      how: EnumValue,
    ) => split(self, chars(by), count, how),
    "Split(string[] separator, StringSplitOptions options): string[]": (
      self: string,
      by: NetArray | null,
      how: EnumValue,
    ) => split(self, chars(by), unlimited, how),
    "Split(string[] separator, int count, StringSplitOptions options): string[]": (
      self: string,
      by: NetArray | null,
      count: number,
      how: EnumValue,
    ) => split(self, chars(by), count, how),
    "Trim(): string": (self: string) => trimText(self, [], 3),
    "Trim(char trimChar): string": (self: string, char: Char) => trimText(self, [char.toString()], 3),
    "Trim(params char[] trimChars): string": (self: string, by: NetArray | null) => trimText(self, chars(by), 3),
    "TrimStart(): string": (self: string) => trimText(self, [], 1),
    "TrimStart(char trimChar): string": (self: string, char: Char) => trimText(self, [char.toString()], 1),
    "TrimStart(params char[] trimChars): string": (self: string, by: NetArray | null) => trimText(self, chars(by), 1),
    "TrimEnd(): string": (self: string) => trimText(self, [], 2),
    "TrimEnd(char trimChar): string": (self: string, char: Char) => trimText(self, [char.toString()], 2),
    "TrimEnd(params char[] trimChars): string": (self: string, by: NetArray | null) => trimText(self, chars(by), 2),
    "PadLeft(int totalWidth): string": (self: string, width: number) => pad(self, width, " ", true),
    "PadLeft(int totalWidth, char paddingChar): string": (self: string, width: number, char: Char) =>
      pad(self, width, char.toString(), true),
    "PadRight(int totalWidth): string": (self: string, width: number) => pad(self, width, " ", false),
    "PadRight(int totalWidth, char paddingChar): string": (self: string, width: number, char: Char) =>
      pad(self, width, char.toString(), false),
    "ToUpper(): string": (self: string) => text(upper(self)),
    "ToUpper(CultureInfo culture): string": (self: string) => text(upper(self)),
    "ToUpperInvariant(): string": (self: string) => text(upper(self)),
    "ToLower(): string": (self: string) => text(lower(self)),
    "ToLower(CultureInfo culture): string": (self: string) => text(lower(self)),
    "ToLowerInvariant(): string": (self: string) => text(lower(self)),
    "ToString(): string": (self: string) => self,
    "ToString(IFormatProvider provider): string": (self: string) => self,
    "ToCharArray(): char[]": (self: string) => toChars(self),
    "ToCharArray(int startIndex, int length): char[]": (self: string, start: number, length: number) =>
      toChars(substring(self, start, length)),
    "Equals(string value): bool": (self: string, value: string | null) => self === value,
    "Equals(string value, StringComparison comparisonType): bool": (
      self: string,
      value: string | null,
      how: Comparison,
    ) => compareBy(self, value, how.value) === 0,
    "CompareTo(string strB): int": (self: string, value: string | null) =>
      value === null ? 1 : compareText(self, value),
    "CompareTo(object value): int": (self: string, value: string | null) =>
      value === null ? 1 : compareText(self, value),
    "Normalize(): string": (self: string) => text(self.normalize()),
    "Clone(): object": (self: string) => self,
  },
};

function toChars(self: string): NetArray {
  charge(self.length * 8);
  return new NetArray(
    hostType("Char"),
    Array.from({ length: self.length }, (_, index) => charAt(self, index)),
  );
}
