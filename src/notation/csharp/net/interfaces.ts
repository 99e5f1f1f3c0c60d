import type { Ref, TypeTable } from "#notation/csharp/type/type-def.ts";
import type { CsType } from "#notation/csharp/type/cs-type.ts";
import { defaultOf } from "#notation/csharp/type/runtime-type.ts";
import type { DictionaryLike, MutableDictionary } from "#notation/csharp/value/dictionary-like.ts";
import { Enumerator } from "#notation/csharp/value/enumerator.ts";
import { iterate } from "#notation/csharp/value/iterate.ts";
import { keyNotFound } from "#notation/csharp/value/net-exception.ts";
import { Sequence } from "#notation/csharp/value/sequence.ts";
import { toText } from "#notation/csharp/value/to-text.ts";
import { countOf, itemAt, listLike } from "#notation/csharp/value/list-like.ts";
import { compareValues } from "#notation/csharp/value/compare.ts";
import { formatValue } from "#notation/csharp/value/format.ts";

const marker = (name: string, namespace: string, bases: readonly string[] = []): TypeTable => ({
  name,
  namespace,
  kind: "interface",
  implements: bases,
});

const generic = "System.Collections.Generic";

export function demand(self: DictionaryLike, key: unknown): unknown {
  const value = self.find(key);
  if (value === undefined) throw keyNotFound(toText(key));
  return value;
}

export function attempt(type: CsType, self: DictionaryLike, key: unknown, result: Ref): boolean {
  const value = self.find(key);
  result.value = value === undefined ? defaultOf(type) : value;
  return value !== undefined;
}

const keysOf = (self: DictionaryLike): Sequence => new Sequence(() => self.keys());
const valuesOf = (self: DictionaryLike): Sequence => new Sequence(() => self.values());

export const interfaceTables: readonly TypeTable[] = [
  marker("IEnumerable", "System.Collections"),
  {
    ...marker("IComparable", "System"),
    members: { "CompareTo(object obj): int": compareValues },
  },
  { ...marker("IComparable<T>", "System"), members: { "CompareTo(T other): int": compareValues } },
  {
    ...marker("IFormattable", "System"),
    members: {
      "ToString(string format, IFormatProvider provider): string": (self: unknown, format: string | null) =>
        formatValue(self, format ?? ""),
    },
  },
  marker("IConvertible", "System"),
  marker("IFormatProvider", "System"),
  { ...marker("IDisposable", "System"), members: { "Dispose(): void": () => undefined } },
  {
    ...marker("IEnumerable<T>", generic, ["IEnumerable"]),
    members: { "GetEnumerator(): IEnumerator<T>": (self: unknown) => new Enumerator(iterate(self), undefined) },
  },
  {
    ...marker("IEnumerator<T>", generic, ["IDisposable"]),
    members: {
      "Current: T": (self: Enumerator) => self.current,
      "MoveNext(): bool": (self: Enumerator) => self.moveNext(),
    },
  },
  {
    ...marker("ICollection<T>", generic, ["IEnumerable<T>"]),
    members: {
      "Count: int": countOf,
      "Add(T item): void": (self: unknown, item: unknown) => listLike(self).add(item),
      "Remove(T item): bool": (self: unknown, item: unknown) => listLike(self).remove(item),
      "Clear(): void": (self: unknown) => listLike(self).clear(),
      "Contains(T item): bool": (self: unknown, item: unknown) => listLike(self).indexOf(item) >= 0,
    },
  },
  { ...marker("IReadOnlyCollection<T>", generic, ["IEnumerable<T>"]), members: { "Count: int": countOf } },
  {
    ...marker("IReadOnlyList<T>", generic, ["IReadOnlyCollection<T>"]),
    members: { "this[int index]: T": itemAt },
  },
  {
    ...marker("IList<T>", generic, ["ICollection<T>"]),
    members: {
      "this[int index]: T": itemAt,
      "IndexOf(T item): int": (self: unknown, item: unknown) => listLike(self).indexOf(item),
      "Insert(int index, T item): void": (self: unknown, index: number, item: unknown) =>
        listLike(self).insert(index, item),
      "RemoveAt(int index): void": (self: unknown, index: number) => listLike(self).removeAt(index),
    },
    setters: {
      "this[int index]: T": (self: unknown, index: number, value: unknown) => listLike(self).set(index, value),
    },
  },
  marker("ISet<T>", generic, ["ICollection<T>"]),
  {
    ...marker("IReadOnlyDictionary<TKey, TValue>", generic, ["IReadOnlyCollection<KeyValuePair<TKey, TValue>>"]),
    members: {
      "this[TKey key]: TValue": demand,
      "Count: int": (self: DictionaryLike) => self.count,
      "ContainsKey(TKey key): bool": (self: DictionaryLike, key: unknown) => self.has(key),
      "Keys: IEnumerable<TKey>": keysOf,
      "Values: IEnumerable<TValue>": valuesOf,
      "TryGetValue(TKey key, out TValue value): bool": (self: DictionaryLike, key: unknown, result: Ref) => {
        const value = self.find(key);
        result.value = value ?? null;
        return value !== undefined;
      },
    },
  },
  {
    ...marker("IDictionary<TKey, TValue>", generic, ["ICollection<KeyValuePair<TKey, TValue>>"]),
    members: {
      "this[TKey key]: TValue": demand,
      "Count: int": (self: DictionaryLike) => self.count,
      "ContainsKey(TKey key): bool": (self: DictionaryLike, key: unknown) => self.has(key),
      "Keys: ICollection<TKey>": keysOf,
      "Values: ICollection<TValue>": valuesOf,
      "Add(TKey key, TValue value): void": (self: MutableDictionary, key: unknown, value: unknown) =>
        self.add(key, value),
      "Remove(TKey key): bool": (self: MutableDictionary, key: unknown) => self.delete(key),
      "Clear(): void": (self: MutableDictionary) => self.clear(),
      "TryGetValue(TKey key, out TValue value): bool": (self: DictionaryLike, key: unknown, result: Ref) => {
        const value = self.find(key);
        result.value = value ?? null;
        return value !== undefined;
      },
    },
    setters: {
      "this[TKey key]: TValue": (self: MutableDictionary, key: unknown, value: unknown) => self.put(key, value),
    },
  },
  {
    ...marker("IGrouping<TKey, TElement>", "System.Linq", ["IEnumerable<TElement>"]),
    members: { "Key: TKey": (self: { readonly key: unknown }) => self.key },
  },
  marker("IOrderedEnumerable<TElement>", "System.Linq", ["IEnumerable<TElement>"]),
  {
    ...marker("ILookup<TKey, TElement>", "System.Linq", ["IEnumerable<IGrouping<TKey, TElement>>"]),
    members: {
      "Count: int": (self: DictionaryLike) => self.count,
      "Contains(TKey key): bool": (self: DictionaryLike, key: unknown) => self.has(key),
      "this[TKey key]: IEnumerable<TElement>": (self: DictionaryLike, key: unknown) =>
        self.find(key) ?? new Sequence(() => []),
    },
  },
  marker("IEqualityComparer<T>", generic),
  marker("IComparer<T>", generic),
];
