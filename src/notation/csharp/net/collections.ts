import type { CsType } from "#notation/csharp/type/cs-type.ts";
import { defaultOf } from "#notation/csharp/type/runtime-type.ts";
import type { Ref, TypeTable } from "#notation/csharp/type/type-def.ts";
import { compareValues } from "#notation/csharp/value/compare.ts";
import { equalValues } from "#notation/csharp/value/equality.ts";
import { iterate } from "#notation/csharp/value/iterate.ts";
import { KeyValuePair } from "#notation/csharp/value/key-value-pair.ts";
import { listLike } from "#notation/csharp/value/list-like.ts";
import { NetArray } from "#notation/csharp/value/net-array.ts";
import { type KeyComparer, NetDictionary } from "#notation/csharp/value/net-dictionary.ts";
import { argumentNull, invalidOperation, outOfRange } from "#notation/csharp/value/net-exception.ts";
import { NetList } from "#notation/csharp/value/net-list.ts";
import { NetSet } from "#notation/csharp/value/net-set.ts";
import { sortItems } from "#notation/csharp/value/sort.ts";
import { step } from "#notation/csharp/value/run.ts";
import { attempt, demand } from "./interfaces.ts";

const namespace = "System.Collections.Generic";

type Test = (item: unknown) => boolean;

function collected(items: unknown, name = "collection"): unknown[] {
  if (items === null) throw argumentNull(name);
  const result: unknown[] = [];
  for (const item of iterate(items)) {
    step();
    result.push(item);
  }
  return result;
}

function indexOf(items: readonly unknown[], test: Test, isLast = false): number {
  step(items.length);
  return isLast ? items.findLastIndex(test) : items.findIndex(test);
}

const elementOf = (list: NetList): CsType => list.netArgs[0] as CsType;

const listTable: TypeTable = {
  name: "List<T>",
  namespace,
  kind: "class",
  implements: ["IList<T>", "IReadOnlyList<T>"],
  construct: {
    "()": (element: CsType) => new NetList(element),
    "(int capacity)": (element: CsType) => new NetList(element),
    "(IEnumerable<T> collection)": (element: CsType, items: unknown) => new NetList(element, collected(items)),
  },
  members: {
    "Count: int": (self: NetList) => self.count,
    "Capacity: int": (self: NetList) => self.count,
    "this[int index]: T": (self: NetList, index: number) => self.get(index),
    "Add(T item): void": (self: NetList, item: unknown) => self.add(item),
    "AddRange(IEnumerable<T> collection): void": (self: NetList, items: unknown) => {
      for (const item of collected(items)) self.add(item);
    },
    "Insert(int index, T item): void": (self: NetList, index: number, item: unknown) => self.insert(index, [item]),
    "InsertRange(int index, IEnumerable<T> collection): void": (self: NetList, index: number, items: unknown) =>
      self.insert(index, collected(items)),
    "Remove(T item): bool": (self: NetList, item: unknown) => self.remove(item),
    "RemoveAt(int index): void": (self: NetList, index: number) => self.removeRange(index, 1),
    "RemoveRange(int index, int count): void": (self: NetList, index: number, count: number) =>
      self.removeRange(index, count),
    "RemoveAll(Predicate<T> match): int": (self: NetList, test: Test) => {
      const kept = self.items.filter((item) => !test(item));
      const removed = self.count - kept.length;
      self.clear();
      for (const item of kept) self.add(item);
      return removed;
    },
    "Clear(): void": (self: NetList) => self.clear(),
    "Contains(T item): bool": (self: NetList, item: unknown) =>
      indexOf(self.items, (each) => equalValues(each, item)) !== -1,
    "IndexOf(T item): int": (self: NetList, item: unknown) => indexOf(self.items, (each) => equalValues(each, item)),
    "LastIndexOf(T item): int": (self: NetList, item: unknown) =>
      indexOf(self.items, (each) => equalValues(each, item), true),
    "Exists(Predicate<T> match): bool": (self: NetList, test: Test) => self.items.some(test),
    "Find(Predicate<T> match): T": (self: NetList, test: Test) => {
      const index = indexOf(self.items, test);
      return index === -1 ? defaultOf(elementOf(self)) : self.items[index];
    },
    "FindLast(Predicate<T> match): T": (self: NetList, test: Test) => {
      const index = indexOf(self.items, test, true);
      return index === -1 ? defaultOf(elementOf(self)) : self.items[index];
    },
    "FindIndex(Predicate<T> match): int": (self: NetList, test: Test) => indexOf(self.items, test),
    "FindLastIndex(Predicate<T> match): int": (self: NetList, test: Test) => indexOf(self.items, test, true),
    "FindAll(Predicate<T> match): List<T>": (self: NetList, test: Test) =>
      new NetList(elementOf(self), self.items.filter(test)),
    "TrueForAll(Predicate<T> match): bool": (self: NetList, test: Test) => self.items.every(test),
    "ForEach(Action<T> action): void": (self: NetList, action: (item: unknown) => void) => {
      for (const item of self) action(item);
    },
    "ConvertAll<type TOutput>(Converter<T, TOutput> converter): List<TOutput>": (
      type: CsType,
      self: NetList,
      convert: (item: unknown) => unknown,
    ) =>
      new NetList(
        type,
        self.items.map((item) => convert(item)),
      ),
    "GetRange(int index, int count): List<T>": (self: NetList, index: number, count: number) => {
      if (index < 0 || count < 0 || index + count > self.count) throw outOfRange("index");
      return new NetList(elementOf(self), self.items.slice(index, index + count));
    },
    "Reverse(): void": (self: NetList) => {
      self.items.reverse();
      self.changed();
    },
    "Sort(): void": (self: NetList) => sort(self, compareValues),
    "Sort(Comparison<T> comparison): void": sort,
    "Sort(IComparer<T> comparer): void": (self: NetList, comparer: { compare(a: unknown, b: unknown): number }) =>
      sort(self, (a, b) => comparer.compare(a, b)),
    "ToArray(): T[]": (self: NetList) => toArray(elementOf(self), self.items),
    "AsReadOnly(): IReadOnlyList<T>": (self: NetList) => self,
  },
  setters: {
    "this[int index]: T": (self: NetList, index: number, value: unknown) => self.set(index, value),
    "Capacity: int": () => undefined,
  },
};

function sort(list: NetList, compare: (a: unknown, b: unknown) => number): void {
  const sorted = sortItems(list.items, compare);
  list.items.splice(0, list.items.length, ...sorted);
  list.changed();
}

/** T[]; byte[] is what it is. */
export function toArray(element: CsType, items: readonly unknown[]): unknown {
  if (element.key === "Byte") return Uint8Array.from(items, (item) => (item as { readonly value: number }).value);
  return new NetArray(element, [...items]);
}

function filled(
  args: readonly CsType[],
  source: Iterable<unknown> | null,
  comparer: KeyComparer | null,
): NetDictionary {
  if (source === null) throw argumentNull("dictionary");
  const made = new NetDictionary(args, comparer);
  for (const pair of source as Iterable<KeyValuePair>) made.add(pair.key, pair.value);
  return made;
}

const dictionaryTable: TypeTable = {
  name: "Dictionary<TKey, TValue>",
  namespace,
  kind: "class",
  implements: ["IDictionary<TKey, TValue>", "IReadOnlyDictionary<TKey, TValue>"],
  construct: {
    "()": (key: CsType, value: CsType) => new NetDictionary([key, value]),
    "(int capacity)": (key: CsType, value: CsType) => new NetDictionary([key, value]),
    "(IEqualityComparer<TKey> comparer)": (key: CsType, value: CsType, comparer: KeyComparer | null) =>
      new NetDictionary([key, value], comparer),
    "(int capacity, IEqualityComparer<TKey> comparer)": (
      key: CsType,
      value: CsType,
      _capacity: number,
      comparer: KeyComparer | null,
    ) => new NetDictionary([key, value], comparer),
    "(IDictionary<TKey, TValue> dictionary)": (key: CsType, value: CsType, source: NetDictionary | null) =>
      filled([key, value], source, null),
    "(IDictionary<TKey, TValue> dictionary, IEqualityComparer<TKey> comparer)": (
      key: CsType,
      value: CsType,
      source: NetDictionary | null,
      comparer: KeyComparer | null,
    ) => filled([key, value], source, comparer),
  },
  members: {
    "Count: int": (self: NetDictionary) => self.count,
    "this[TKey key]: TValue": demand,
    "Add(TKey key, TValue value): void": (self: NetDictionary, key: unknown, value: unknown) => self.add(key, value),
    "TryAdd(TKey key, TValue value): bool": (self: NetDictionary, key: unknown, value: unknown) => {
      if (self.has(key)) return false;
      self.put(key, value);
      return true;
    },
    "Remove(TKey key): bool": (self: NetDictionary, key: unknown) => self.delete(key),
    "Clear(): void": (self: NetDictionary) => self.clear(),
    "ContainsKey(TKey key): bool": (self: NetDictionary, key: unknown) => self.has(key),
    "ContainsValue(TValue value): bool": (self: NetDictionary, value: unknown) =>
      [...self.values()].some((each) => equalValues(each, value)),
    "TryGetValue(TKey key, out TValue value): bool": (self: NetDictionary, key: unknown, result: Ref) =>
      attempt(self.netArgs[1] as CsType, self, key, result),
    "Keys: ICollection<TKey>": (self: NetDictionary) => new NetList(self.netArgs[0], [...self.keys()]),
    "Values: ICollection<TValue>": (self: NetDictionary) => new NetList(self.netArgs[1], [...self.values()]),
  },
  setters: { "this[TKey key]: TValue": (self: NetDictionary, key: unknown, value: unknown) => self.put(key, value) },
};

const setTable: TypeTable = {
  name: "HashSet<T>",
  namespace,
  kind: "class",
  implements: ["ISet<T>", "IReadOnlyCollection<T>"],
  construct: {
    "()": (element: CsType) => new NetSet(element),
    "(IEnumerable<T> collection)": (element: CsType, items: unknown) => setOf(element, items, null),
    "(IEqualityComparer<T> comparer)": (element: CsType, comparer: KeyComparer | null) => new NetSet(element, comparer),
    "(IEnumerable<T> collection, IEqualityComparer<T> comparer)": setOf,
  },
  members: {
    "Count: int": (self: NetSet) => self.count,
    "Add(T item): bool": (self: NetSet, item: unknown) => self.add(item),
    "Remove(T item): bool": (self: NetSet, item: unknown) => self.delete(item),
    "Contains(T item): bool": (self: NetSet, item: unknown) => self.has(item),
    "Clear(): void": (self: NetSet) => self.clear(),
    "UnionWith(IEnumerable<T> other): void": (self: NetSet, other: unknown) => {
      for (const item of collected(other)) self.add(item);
    },
    "ExceptWith(IEnumerable<T> other): void": (self: NetSet, other: unknown) => {
      for (const item of collected(other)) self.delete(item);
    },
    "IntersectWith(IEnumerable<T> other): void": (self: NetSet, other: unknown) => {
      const kept = setOf(self.netArgs[0] as CsType, other, null);
      for (const item of collected(self)) if (!kept.has(item)) self.delete(item);
    },
    "Overlaps(IEnumerable<T> other): bool": (self: NetSet, other: unknown) =>
      collected(other).some((item) => self.has(item)),
    "SetEquals(IEnumerable<T> other): bool": (self: NetSet, other: unknown) => {
      const items = setOf(self.netArgs[0] as CsType, other, null);
      return items.count === self.count && [...items].every((item) => self.has(item));
    },
    "IsSubsetOf(IEnumerable<T> other): bool": (self: NetSet, other: unknown) => {
      const items = setOf(self.netArgs[0] as CsType, other, null);
      return [...self].every((item) => items.has(item));
    },
    "IsSupersetOf(IEnumerable<T> other): bool": (self: NetSet, other: unknown) =>
      collected(other).every((item) => self.has(item)),
  },
};

function setOf(element: CsType, items: unknown, comparer: KeyComparer | null): NetSet {
  const made = new NetSet(element, comparer);
  for (const item of collected(items)) made.add(item);
  return made;
}

function emptyCollection(name: string): Error {
  return invalidOperation(`${name} empty.`);
}

/** Queue and Stack are lists that are emptied at one end. */
function lineTable(name: "Queue" | "Stack", put: string, take: string): TypeTable {
  const at = (self: NetList): number => (name === "Queue" ? 0 : self.count - 1);
  const peek = (self: NetList): unknown => {
    if (self.count === 0) throw emptyCollection(name);
    return self.items[at(self)];
  };
  const removed = (self: NetList): unknown => {
    const item = peek(self);
    self.removeRange(at(self), 1);
    return item;
  };
  const make = (element: CsType, items: unknown[] = []): NetList => new Line(name, element, items);
  return {
    name: `${name}<T>`,
    namespace,
    kind: "class",
    implements: ["IReadOnlyCollection<T>"],
    construct: {
      "()": (element: CsType) => make(element),
      "(int capacity)": (element: CsType) => make(element),
      "(IEnumerable<T> collection)": (element: CsType, items: unknown) => make(element, collected(items)),
    },
    members: {
      "Count: int": (self: NetList) => self.count,
      [`${put}(T item): void`]: (self: NetList, item: unknown) => self.add(item),
      [`${take}(): T`]: removed,
      "Peek(): T": peek,
      "Clear(): void": (self: NetList) => self.clear(),
      "Contains(T item): bool": (self: NetList, item: unknown) => listLike(self).indexOf(item) >= 0,
      "ToArray(): T[]": (self: NetList) => toArray(elementOf(self), [...self]),
    },
  };
}

class Line extends NetList {
  override readonly netType: "List`1";
  readonly #isStack: boolean;

  constructor(name: "Queue" | "Stack", element: CsType, items: unknown[]) {
    super(element, items);
    this.netType = `${name}\`1` as "List`1";
    this.#isStack = name === "Stack";
  }

  override *[Symbol.iterator](): Generator<unknown> {
    yield* this.#isStack ? this.items.toReversed() : super[Symbol.iterator]();
  }
}

const pairTable: TypeTable = {
  name: "KeyValuePair<TKey, TValue>",
  namespace,
  kind: "struct",
  construct: {
    "(TKey key, TValue value)": (keyType: CsType, valueType: CsType, key: unknown, value: unknown) =>
      new KeyValuePair([keyType, valueType], key, value),
  },
  members: {
    "Key: TKey": (self: KeyValuePair) => self.key,
    "Value: TValue": (self: KeyValuePair) => self.value,
  },
};

export const collectionTables: readonly TypeTable[] = [
  listTable,
  dictionaryTable,
  setTable,
  pairTable,
  lineTable("Queue", "Enqueue", "Dequeue"),
  lineTable("Stack", "Push", "Pop"),
];
