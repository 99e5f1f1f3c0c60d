import type { Implementation } from "#notation/csharp/type/type-def.ts";
import { compareValues } from "#notation/csharp/value/compare.ts";
import { hashKeyOf } from "#notation/csharp/value/equality.ts";
import type { KeyComparer } from "#notation/csharp/value/net-dictionary.ts";
import { charge } from "#notation/csharp/value/run.ts";
import { Sequence } from "#notation/csharp/value/sequence.ts";
import { sortItems } from "#notation/csharp/value/sort.ts";
import { deferred, items } from "./linq-shape.ts";

type Key = (item: unknown) => unknown;
type Compare = (a: unknown, b: unknown) => number;
type Comparer = { compare(a: unknown, b: unknown): number } | null;

/** A sorted sequence, which `ThenBy` sorts further. */
class Ordered extends Sequence {
  readonly source: unknown;
  readonly order: Compare;

  constructor(source: unknown, order: Compare) {
    super(() => sortItems([...items(source)], order), [], "IOrderedEnumerable`1");
    this.source = source;
    this.order = order;
  }
}

function by(key: Key, comparer: Comparer, isDescending: boolean): Compare {
  const compare: Compare = comparer === null ? compareValues : (a, b) => comparer.compare(a, b);
  const sign = isDescending ? -1 : 1;
  return (a, b) => sign * compare(key(a), key(b));
}

function ordered(isDescending: boolean) {
  return (source: unknown, key: Key, comparer: Comparer = null): Ordered =>
    new Ordered(source, by(key, comparer, isDescending));
}

function further(isDescending: boolean) {
  return (source: Ordered, key: Key, comparer: Comparer = null): Ordered => {
    const next = by(key, comparer, isDescending);
    return new Ordered(source.source, (a, b) => source.order(a, b) || next(a, b));
  };
}

class Grouping extends Sequence {
  readonly key: unknown;

  constructor(key: unknown, members: readonly unknown[]) {
    super(() => members, [], "IGrouping`2");
    this.key = key;
  }
}

function groups(
  source: unknown,
  key: Key,
  element: Key,
  comparer: KeyComparer | null,
): Map<unknown, { key: unknown; members: unknown[] }> {
  const found = new Map<unknown, { key: unknown; members: unknown[] }>();
  for (const item of items(source)) {
    charge(32);
    const value = key(item);
    const filed = comparer === null ? hashKeyOf(value) : comparer.keyOf(value);
    let group = found.get(filed);
    if (group === undefined) found.set(filed, (group = { key: value, members: [] }));
    group.members.push(element(item));
  }
  return found;
}

const same: Key = (item) => item;

function grouped(source: unknown, key: Key, element: Key = same, comparer: KeyComparer | null = null): Sequence {
  return deferred(source, () =>
    [...groups(source, key, element, comparer).values()].map((group) => new Grouping(group.key, group.members)),
  );
}

class Lookup extends Sequence {
  readonly #groups: ReturnType<typeof groups>;

  constructor(found: ReturnType<typeof groups>) {
    super(() => [...found.values()].map((group) => new Grouping(group.key, group.members)), [], "ILookup`2");
    this.#groups = found;
  }

  get count(): number {
    return this.#groups.size;
  }

  has(key: unknown): boolean {
    return this.#groups.has(hashKeyOf(key));
  }

  find(key: unknown): unknown {
    const group = this.#groups.get(hashKeyOf(key));
    return group === undefined ? undefined : new Grouping(group.key, group.members);
  }
}

function* joined(
  outer: unknown,
  inner: unknown,
  outerKey: Key,
  innerKey: Key,
  combine: (a: unknown, b: unknown) => unknown,
  isGroup: boolean,
): Generator<unknown> {
  const found = groups(inner, innerKey, same, null);
  for (const item of items(outer)) {
    const members = found.get(hashKeyOf(outerKey(item)))?.members ?? [];
    if (isGroup) yield combine(item, new Sequence(() => members));
    else for (const other of members) yield combine(item, other);
  }
}

const order = (name: string, self: string): readonly [plain: string, compared: string] => [
  `${name}<T, TKey>(this ${self}<T> source, Func<T, TKey> keySelector): IOrderedEnumerable<T>`,
  `${name}<T, TKey>(this ${self}<T> source, Func<T, TKey> keySelector, IComparer<TKey> comparer): IOrderedEnumerable<T>`,
];

function both(name: string, self: string, run: Implementation): Readonly<Record<string, Implementation>> {
  return Object.fromEntries(order(name, self).map((signature) => [signature, run]));
}

const join = "Func<TOuter, TKey> outerKeySelector, Func<TInner, TKey> innerKeySelector";

/** Methods that sort, group and join. */
export const orderMembers: Readonly<Record<string, Implementation>> = {
  ...both("OrderBy", "IEnumerable", ordered(false)),
  ...both("OrderByDescending", "IEnumerable", ordered(true)),
  ...both("ThenBy", "IOrderedEnumerable", further(false)),
  ...both("ThenByDescending", "IOrderedEnumerable", further(true)),
  "GroupBy<T, TKey>(this IEnumerable<T> source, Func<T, TKey> keySelector): IEnumerable<IGrouping<TKey, T>>": (
    source: unknown,
    key: Key,
  ) => grouped(source, key),
  "GroupBy<T, TKey>(this IEnumerable<T> source, Func<T, TKey> keySelector, IEqualityComparer<TKey> comparer): IEnumerable<IGrouping<TKey, T>>":
    (source: unknown, key: Key, comparer: KeyComparer | null) => grouped(source, key, same, comparer),
  "GroupBy<T, TKey, TElement>(this IEnumerable<T> source, Func<T, TKey> keySelector, Func<T, TElement> elementSelector): IEnumerable<IGrouping<TKey, TElement>>":
    (source: unknown, key: Key, element: Key) => grouped(source, key, element),
  "GroupBy<T, TKey, TResult>(this IEnumerable<T> source, Func<T, TKey> keySelector, Func<TKey, IEnumerable<T>, TResult> resultSelector): IEnumerable<TResult>":
    (source: unknown, key: Key, result: (key: unknown, members: Sequence) => unknown) =>
      deferred(source, () =>
        [...groups(source, key, same, null).values()].map((group) =>
          result(group.key, new Sequence(() => group.members)),
        ),
      ),
  "ToLookup<T, TKey>(this IEnumerable<T> source, Func<T, TKey> keySelector): ILookup<TKey, T>": (
    source: unknown,
    key: Key,
  ) => new Lookup(groups(source, key, same, null)),
  "ToLookup<T, TKey, TElement>(this IEnumerable<T> source, Func<T, TKey> keySelector, Func<T, TElement> elementSelector): ILookup<TKey, TElement>":
    (source: unknown, key: Key, element: Key) => new Lookup(groups(source, key, element, null)),
  [`Join<TOuter, TInner, TKey, TResult>(this IEnumerable<TOuter> outer, IEnumerable<TInner> inner, ${join}, Func<TOuter, TInner, TResult> resultSelector): IEnumerable<TResult>`]:
    (outer: unknown, inner: unknown, outerKey: Key, innerKey: Key, combine: (a: unknown, b: unknown) => unknown) =>
      deferred(outer, () => joined(outer, inner, outerKey, innerKey, combine, false)),
  [`GroupJoin<TOuter, TInner, TKey, TResult>(this IEnumerable<TOuter> outer, IEnumerable<TInner> inner, ${join}, Func<TOuter, IEnumerable<TInner>, TResult> resultSelector): IEnumerable<TResult>`]:
    (outer: unknown, inner: unknown, outerKey: Key, innerKey: Key, combine: (a: unknown, b: unknown) => unknown) =>
      deferred(outer, () => joined(outer, inner, outerKey, innerKey, combine, true)),
};
