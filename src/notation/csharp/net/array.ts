import type { CsType } from "#notation/csharp/type/cs-type.ts";
import { defaultOf } from "#notation/csharp/type/runtime-type.ts";
import type { TypeTable } from "#notation/csharp/type/type-def.ts";
import { rawNumber } from "#notation/csharp/type/numeric.ts";
import { compareValues } from "#notation/csharp/value/compare.ts";
import { equalValues } from "#notation/csharp/value/equality.ts";
import { iterate } from "#notation/csharp/value/iterate.ts";
import { countOf, itemAt } from "#notation/csharp/value/list-like.ts";
import { NetArray } from "#notation/csharp/value/net-array.ts";
import { argument, argumentNull } from "#notation/csharp/value/net-exception.ts";
import { step } from "#notation/csharp/value/run.ts";
import { sortItems } from "#notation/csharp/value/sort.ts";
import { toArray } from "./collections.ts";

type Test = (item: unknown) => boolean;

function itemsOf(array: unknown): readonly unknown[] {
  if (array === null) throw argumentNull("array");
  if (array instanceof NetArray) return array.items;
  const items = [...iterate(array)];
  step(items.length);
  return items;
}

function store(array: unknown, index: number, value: unknown): void {
  if (array instanceof Uint8Array) array[index] = rawNumber(value) as number;
  else (array as NetArray).set(index, value);
}

function copy(from: unknown, start: number, to: unknown, at: number, length: number): void {
  const source = itemsOf(from);
  if (start < 0 || at < 0 || length < 0 || start + length > source.length || at + length > countOf(to)) {
    throw argument("Source array was not long enough. Check the source index, length, and the array's lower bounds.");
  }
  const moved = source.slice(start, start + length);
  for (const [index, item] of moved.entries()) store(to, at + index, item);
}

function reorder(array: unknown, items: readonly unknown[]): void {
  for (const [index, item] of items.entries()) store(array, index, item);
}

const find = (array: unknown, test: Test): number => itemsOf(array).findIndex(test);

export const arrayTable: TypeTable = {
  name: "Array",
  namespace: "System",
  kind: "class",
  implements: ["IEnumerable"],
  statics: {
    "IndexOf<T>(T[] array, T value): int": (array: unknown, value: unknown) =>
      find(array, (item) => equalValues(item, value)),
    "IndexOf(Array array, object value): int": (array: unknown, value: unknown) =>
      find(array, (item) => equalValues(item, value)),
    "LastIndexOf<T>(T[] array, T value): int": (array: unknown, value: unknown) =>
      itemsOf(array).findLastIndex((item) => equalValues(item, value)),
    "Exists<T>(T[] array, Predicate<T> match): bool": (array: unknown, test: Test) => find(array, test) !== -1,
    "TrueForAll<T>(T[] array, Predicate<T> match): bool": (array: unknown, test: Test) => itemsOf(array).every(test),
    "Find<type T>(T[] array, Predicate<T> match): T": (type: CsType, array: unknown, test: Test) => {
      const index = find(array, test);
      return index === -1 ? defaultOf(type) : itemsOf(array)[index];
    },
    "FindLast<type T>(T[] array, Predicate<T> match): T": (type: CsType, array: unknown, test: Test) => {
      const index = itemsOf(array).findLastIndex(test);
      return index === -1 ? defaultOf(type) : itemsOf(array)[index];
    },
    "FindIndex<T>(T[] array, Predicate<T> match): int": find,
    "FindAll<type T>(T[] array, Predicate<T> match): T[]": (type: CsType, array: unknown, test: Test) =>
      toArray(type, itemsOf(array).filter(test)),
    "ConvertAll<TInput, type TOutput>(TInput[] array, Converter<TInput, TOutput> converter): TOutput[]": (
      type: CsType,
      array: unknown,
      convert: (item: unknown) => unknown,
    ) =>
      toArray(
        type,
        itemsOf(array).map((item) => convert(item)),
      ),
    "ForEach<T>(T[] array, Action<T> action): void": (array: unknown, action: (item: unknown) => void) => {
      for (const item of itemsOf(array)) action(item);
    },
    "Reverse(Array array): void": (array: unknown) => reorder(array, itemsOf(array).toReversed()),
    "Sort<T>(T[] array): void": (array: unknown) => reorder(array, sortItems(itemsOf(array), compareValues)),
    "Sort<T>(T[] array, Comparison<T> comparison): void": (
      array: unknown,
      compare: (a: unknown, b: unknown) => number,
    ) => reorder(array, sortItems(itemsOf(array), compare)),
    "Copy(Array sourceArray, Array destinationArray, int length): void": (from: unknown, to: unknown, length: number) =>
      copy(from, 0, to, 0, length),
    "Copy(Array sourceArray, int sourceIndex, Array destinationArray, int destinationIndex, int length): void": copy,
    "Empty<type T>(): T[]": (type: CsType) => toArray(type, []),
    "Clear(Array array, int index, int length): void": (array: unknown, index: number, length: number) => {
      for (let at = index; at < index + length; at++)
        store(array, at, array instanceof NetArray ? defaultOf(array.element as CsType) : 0);
    },
  },
  members: {
    "Length: int": countOf,
    "LongLength: long": (self: unknown) => BigInt(countOf(self)),
    "Rank: int": () => 1,
    "GetLength(int dimension): int": (self: unknown, dimension: number) =>
      dimension === 0 ? countOf(self) : countOf(itemAt(self, 0)),
    "GetUpperBound(int dimension): int": (self: unknown) => countOf(self) - 1,
    "GetValue(int index): object": itemAt,
    "SetValue(object value, int index): void": (self: unknown, value: unknown, index: number) =>
      store(self, index, value),
    "Clone(): object": (self: unknown) =>
      self instanceof NetArray ? new NetArray(self.element, [...self.items]) : Uint8Array.from(self as Uint8Array),
    "CopyTo(Array array, int index): void": (self: unknown, to: unknown, at: number) =>
      copy(self, 0, to, at, countOf(self)),
  },
};
