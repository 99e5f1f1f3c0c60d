import type { TypeTable } from "#notation/csharp/type/type-def.ts";
import { compareBy } from "#notation/csharp/value/compare-text.ts";
import { compareValues } from "#notation/csharp/value/compare.ts";
import { equalValues, hashKeyOf } from "#notation/csharp/value/equality.ts";
import type { KeyComparer } from "#notation/csharp/value/net-dictionary.ts";
import { NetException } from "#notation/csharp/value/net-exception.ts";
import { hashCodeOf } from "#notation/csharp/value/hash-code.ts";

/** StringComparer: files keys by their text, and puts them in order. */
class StringComparer implements KeyComparer {
  readonly netType = "StringComparer";
  readonly #comparison: number;

  constructor(comparison: number) {
    this.#comparison = comparison;
  }

  keyOf(value: unknown): unknown {
    if (typeof value !== "string") return hashKeyOf(value);
    return this.#comparison % 2 === 1 ? value.toUpperCase() : value;
  }

  compare(a: unknown, b: unknown): number {
    return compareBy(a as string | null, b as string | null, this.#comparison);
  }

  toString(): string {
    return "System.StringComparer";
  }
}

const names = [
  "CurrentCulture",
  "CurrentCultureIgnoreCase",
  "InvariantCulture",
  "InvariantCultureIgnoreCase",
  "Ordinal",
  "OrdinalIgnoreCase",
];

export const stringComparerTable: TypeTable = {
  name: "StringComparer",
  namespace: "System",
  kind: "class",
  implements: ["IEqualityComparer<string>", "IComparer<string>"],
  statics: Object.fromEntries(
    names.map((name, comparison) => {
      const comparer = new StringComparer(comparison);
      return [`${name}: StringComparer`, () => comparer];
    }),
  ),
  members: {
    "Equals(string x, string y): bool": (self: StringComparer, a: string | null, b: string | null) =>
      self.compare(a, b) === 0,
    "Compare(string x, string y): int": (self: StringComparer, a: string | null, b: string | null) =>
      self.compare(a, b),
    "GetHashCode(string obj): int": (self: StringComparer, value: string | null) => {
      if (value === null) throw new NetException("ArgumentNullException", "Value cannot be null. (Parameter 'obj')");
      return hashCodeOf(self.keyOf(value));
    },
  },
};

export const equalityComparerTable: TypeTable = {
  name: "EqualityComparer<T>",
  namespace: "System.Collections.Generic",
  kind: "class",
  implements: ["IEqualityComparer<T>"],
  statics: { "Default: EqualityComparer<T>": () => ({ netType: "EqualityComparer`1", keyOf: hashKeyOf }) },
  members: { "Equals(T x, T y): bool": (_self: unknown, a: unknown, b: unknown) => equalValues(a, b) },
};

export const comparerTable: TypeTable = {
  name: "Comparer<T>",
  namespace: "System.Collections.Generic",
  kind: "class",
  implements: ["IComparer<T>"],
  statics: { "Default: Comparer<T>": () => ({ netType: "Comparer`1", compare: compareValues }) },
  members: { "Compare(T x, T y): int": (_self: unknown, a: unknown, b: unknown) => compareValues(a, b) },
};
