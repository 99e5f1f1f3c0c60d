import type { CsType } from "#notation/csharp/type/cs-type.ts";
import { defaultOf } from "#notation/csharp/type/runtime-type.ts";
import type { Implementation } from "#notation/csharp/type/type-def.ts";
import { equalValues } from "#notation/csharp/value/equality.ts";
import { type KeyComparer, NetDictionary } from "#notation/csharp/value/net-dictionary.ts";
import { invalidOperation, outOfRange } from "#notation/csharp/value/net-exception.ts";
import { NetList } from "#notation/csharp/value/net-list.ts";
import { NetSet } from "#notation/csharp/value/net-set.ts";
import { charge } from "#notation/csharp/value/run.ts";
import { toArray } from "./collections.ts";
import { chunked, deferred, items } from "./linq-shape.ts";

type Test = (item: unknown) => boolean;

const any: Test = () => true;

function noElements(): Error {
  return invalidOperation("Sequence contains no elements");
}

function noMatch(test: Test): Error {
  return test === any ? noElements() : invalidOperation("Sequence contains no matching element");
}

function first(source: unknown, test: Test = any): unknown {
  for (const item of items(source)) if (test(item)) return item;
  throw noMatch(test);
}

function firstOr(fallback: unknown, source: unknown, test: Test): unknown {
  for (const item of items(source)) if (test(item)) return item;
  return fallback;
}

const missing: unique symbol = Symbol("missing");

function lastOr(fallback: unknown, source: unknown, test: Test): unknown {
  let found: unknown = fallback;
  for (const item of items(source)) if (test(item)) found = item;
  return found;
}

function last(source: unknown, test: Test = any): unknown {
  const found = lastOr(missing, source, test);
  if (found === missing) throw noMatch(test);
  return found;
}

function singleOr(fallback: unknown, source: unknown, test: Test): unknown {
  let found: unknown = missing;
  for (const item of items(source)) {
    if (!test(item)) continue;
    if (found !== missing)
      throw invalidOperation(`Sequence contains more than one ${test === any ? "" : "matching "}element`);
    found = item;
  }
  return found === missing ? fallback : found;
}

function single(source: unknown, test: Test = any): unknown {
  const found = singleOr(missing, source, test);
  if (found === missing) throw noMatch(test);
  return found;
}

function count(source: unknown, test: Test = any): number {
  let counted = 0;
  for (const item of items(source)) if (test(item)) counted++;
  return counted;
}

function elementAt(source: unknown, index: number): unknown {
  const found = elementOr(missing, source, index);
  if (found === missing) throw outOfRange("index");
  return found;
}

function elementOr(fallback: unknown, source: unknown, index: number): unknown {
  let at = 0;
  for (const item of items(source)) if (at++ === index) return item;
  return fallback;
}

function contains(source: unknown, value: unknown, comparer: KeyComparer | null = null): boolean {
  const wanted = comparer === null ? undefined : comparer.keyOf(value);
  for (const item of items(source))
    if (comparer === null ? equalValues(item, value) : comparer.keyOf(item) === wanted) return true;
  return false;
}

function sequenceEqual(a: unknown, b: unknown): boolean {
  const others = items(b, "second");
  for (const item of items(a, "first")) {
    const other = others.next();
    if (other.done === true || !equalValues(item, other.value)) return false;
  }
  return others.next().done === true;
}

function collected(source: unknown): unknown[] {
  const found: unknown[] = [];
  for (const item of items(source)) {
    charge(16);
    found.push(item);
  }
  return found;
}

function toDictionary(
  args: readonly CsType[],
  source: unknown,
  key: (item: unknown) => unknown,
  value: (item: unknown) => unknown,
  comparer: KeyComparer | null,
): NetDictionary {
  const made = new NetDictionary(args, comparer);
  for (const item of items(source)) made.add(key(item), value(item));
  return made;
}

const same = (item: unknown): unknown => item;

/** Methods that give one value of a sequence, or a collection of it. */
export const resultMembers: Readonly<Record<string, Implementation>> = {
  "First<T>(this IEnumerable<T> source): T": (source: unknown) => first(source),
  "First<T>(this IEnumerable<T> source, Func<T, bool> predicate): T": first,
  "FirstOrDefault<type T>(this IEnumerable<T> source): T": (type: CsType, source: unknown) =>
    firstOr(defaultOf(type), source, any),
  "FirstOrDefault<type T>(this IEnumerable<T> source, Func<T, bool> predicate): T": (
    type: CsType,
    source: unknown,
    test: Test,
  ) => firstOr(defaultOf(type), source, test),
  "Last<T>(this IEnumerable<T> source): T": (source: unknown) => last(source),
  "Last<T>(this IEnumerable<T> source, Func<T, bool> predicate): T": last,
  "LastOrDefault<type T>(this IEnumerable<T> source): T": (type: CsType, source: unknown) =>
    lastOr(defaultOf(type), source, any),
  "LastOrDefault<type T>(this IEnumerable<T> source, Func<T, bool> predicate): T": (
    type: CsType,
    source: unknown,
    test: Test,
  ) => lastOr(defaultOf(type), source, test),
  "Single<T>(this IEnumerable<T> source): T": (source: unknown) => single(source),
  "Single<T>(this IEnumerable<T> source, Func<T, bool> predicate): T": single,
  "SingleOrDefault<type T>(this IEnumerable<T> source): T": (type: CsType, source: unknown) =>
    singleOr(defaultOf(type), source, any),
  "SingleOrDefault<type T>(this IEnumerable<T> source, Func<T, bool> predicate): T": (
    type: CsType,
    source: unknown,
    test: Test,
  ) => singleOr(defaultOf(type), source, test),
  "ElementAt<T>(this IEnumerable<T> source, int index): T": elementAt,
  "ElementAtOrDefault<type T>(this IEnumerable<T> source, int index): T": (
    type: CsType,
    source: unknown,
    index: number,
  ) => elementOr(defaultOf(type), source, index),
  "Any<T>(this IEnumerable<T> source): bool": (source: unknown) => firstOr(missing, source, any) !== missing,
  "Any<T>(this IEnumerable<T> source, Func<T, bool> predicate): bool": (source: unknown, test: Test) =>
    firstOr(missing, source, test) !== missing,
  "All<T>(this IEnumerable<T> source, Func<T, bool> predicate): bool": (source: unknown, test: Test) =>
    firstOr(missing, source, (item) => !test(item)) === missing,
  "Count<T>(this IEnumerable<T> source): int": (source: unknown) => count(source),
  "Count<T>(this IEnumerable<T> source, Func<T, bool> predicate): int": count,
  "LongCount<T>(this IEnumerable<T> source): long": (source: unknown) => BigInt(count(source)),
  "Contains<T>(this IEnumerable<T> source, T value): bool": (source: unknown, value: unknown) =>
    contains(source, value),
  "Contains<T>(this IEnumerable<T> source, T value, IEqualityComparer<T> comparer): bool": contains,
  "SequenceEqual<T>(this IEnumerable<T> first, IEnumerable<T> second): bool": sequenceEqual,
  "Aggregate<T>(this IEnumerable<T> source, Func<T, T, T> func): T": (
    source: unknown,
    add: (a: unknown, b: unknown) => unknown,
  ) => {
    let total: unknown = missing;
    for (const item of items(source)) total = total === missing ? item : add(total, item);
    if (total === missing) throw noElements();
    return total;
  },
  "Aggregate<T, TAccumulate>(this IEnumerable<T> source, TAccumulate seed, Func<TAccumulate, T, TAccumulate> func): TAccumulate":
    (source: unknown, seed: unknown, add: (a: unknown, b: unknown) => unknown) => {
      let total = seed;
      for (const item of items(source)) total = add(total, item);
      return total;
    },
  "Aggregate<T, TAccumulate, TResult>(this IEnumerable<T> source, TAccumulate seed, Func<TAccumulate, T, TAccumulate> func, Func<TAccumulate, TResult> resultSelector): TResult":
    (source: unknown, seed: unknown, add: (a: unknown, b: unknown) => unknown, result: (total: unknown) => unknown) => {
      let total = seed;
      for (const item of items(source)) total = add(total, item);
      return result(total);
    },
  "ToList<type T>(this IEnumerable<T> source): List<T>": (type: CsType, source: unknown) =>
    new NetList(type, collected(source)),
  "ToArray<type T>(this IEnumerable<T> source): T[]": (type: CsType, source: unknown) =>
    toArray(type, collected(source)),
  "ToHashSet<type T>(this IEnumerable<T> source): HashSet<T>": (type: CsType, source: unknown) => {
    const made = new NetSet(type);
    for (const item of items(source)) made.add(item);
    return made;
  },
  "ToHashSet<type T>(this IEnumerable<T> source, IEqualityComparer<T> comparer): HashSet<T>": (
    type: CsType,
    source: unknown,
    comparer: KeyComparer | null,
  ) => {
    const made = new NetSet(type, comparer);
    for (const item of items(source)) made.add(item);
    return made;
  },
  "ToDictionary<type T, type TKey>(this IEnumerable<T> source, Func<T, TKey> keySelector): Dictionary<TKey, T>": (
    type: CsType,
    keyType: CsType,
    source: unknown,
    key: (item: unknown) => unknown,
  ) => toDictionary([keyType, type], source, key, same, null),
  "ToDictionary<type T, type TKey>(this IEnumerable<T> source, Func<T, TKey> keySelector, IEqualityComparer<TKey> comparer): Dictionary<TKey, T>":
    (type: CsType, keyType: CsType, source: unknown, key: (item: unknown) => unknown, comparer: KeyComparer | null) =>
      toDictionary([keyType, type], source, key, same, comparer),
  "ToDictionary<T, type TKey, type TElement>(this IEnumerable<T> source, Func<T, TKey> keySelector, Func<T, TElement> elementSelector): Dictionary<TKey, TElement>":
    (
      keyType: CsType,
      valueType: CsType,
      source: unknown,
      key: (item: unknown) => unknown,
      value: (item: unknown) => unknown,
    ) => toDictionary([keyType, valueType], source, key, value, null),
  "ToDictionary<T, type TKey, type TElement>(this IEnumerable<T> source, Func<T, TKey> keySelector, Func<T, TElement> elementSelector, IEqualityComparer<TKey> comparer): Dictionary<TKey, TElement>":
    (
      keyType: CsType,
      valueType: CsType,
      source: unknown,
      key: (item: unknown) => unknown,
      value: (item: unknown) => unknown,
      comparer: KeyComparer | null,
    ) => toDictionary([keyType, valueType], source, key, value, comparer),
  "DefaultIfEmpty<type T>(this IEnumerable<T> source): IEnumerable<T>": (type: CsType, source: unknown) =>
    deferred(source, () => {
      const found = collected(source);
      return found.length === 0 ? [defaultOf(type)] : found;
    }),
  "Chunk<type T>(this IEnumerable<T> source, int size): IEnumerable<T[]>": (
    type: CsType,
    source: unknown,
    size: number,
  ) => {
    if (size < 1) throw outOfRange("size");
    return deferred(source, () => chunked(source, size, (chunk) => toArray(type, chunk)));
  },
};
