import type { CsType } from "#notation/csharp/type/cs-type.ts";
import { explicitConversion } from "#notation/csharp/type/conversions.ts";
import { isInstance, typeOfValue } from "#notation/csharp/type/runtime-type.ts";
import { registryHolder } from "#notation/csharp/type/registry-holder.ts";
import type { Implementation } from "#notation/csharp/type/type-def.ts";
import { hashKeyOf } from "#notation/csharp/value/equality.ts";
import { iterate } from "#notation/csharp/value/iterate.ts";
import type { KeyComparer } from "#notation/csharp/value/net-dictionary.ts";
import { argumentNull, invalidCast, outOfRange } from "#notation/csharp/value/net-exception.ts";
import { charge, step } from "#notation/csharp/value/run.ts";
import { Sequence } from "#notation/csharp/value/sequence.ts";
import { TupleValue } from "#notation/csharp/value/tuple.ts";

type Select = (item: unknown, index: number) => unknown;
type Combine = (a: unknown, b: unknown) => unknown;

/** The items of a sequence, each of them counted. */
export function* items(source: unknown, name = "source"): Generator<unknown> {
  if (source === null || source === undefined) throw argumentNull(name);
  for (const item of iterate(source)) {
    step();
    yield item;
  }
}

/** A deferred sequence over a source that must be there when it is made. */
export function deferred(source: unknown, begin: () => Iterable<unknown>): Sequence {
  if (source === null || source === undefined) throw argumentNull("source");
  return new Sequence(begin);
}

function* where(source: unknown, test: Select): Generator<unknown> {
  let index = 0;
  for (const item of items(source)) if (test(item, index++) === true) yield item;
}

function* select(source: unknown, change: Select): Generator<unknown> {
  let index = 0;
  for (const item of items(source)) yield change(item, index++);
}

function* selectMany(source: unknown, inner: Select, combine: Combine): Generator<unknown> {
  let index = 0;
  for (const outer of items(source)) for (const item of items(inner(outer, index++))) yield combine(outer, item);
}

function* take(source: unknown, count: number): Generator<unknown> {
  if (count <= 0) return;
  let left = count;
  for (const item of items(source)) {
    yield item;
    if (--left === 0) return;
  }
}

function* skip(source: unknown, count: number): Generator<unknown> {
  let left = count;
  for (const item of items(source)) if (left-- <= 0) yield item;
}

function* takeWhile(source: unknown, test: Select): Generator<unknown> {
  let index = 0;
  for (const item of items(source)) {
    if (test(item, index++) !== true) return;
    yield item;
  }
}

function* skipWhile(source: unknown, test: Select): Generator<unknown> {
  let isSkipping = true;
  let index = 0;
  for (const item of items(source)) {
    isSkipping = isSkipping && test(item, index++) === true;
    if (!isSkipping) yield item;
  }
}

function* concat(...sources: unknown[]): Generator<unknown> {
  for (const source of sources) yield* items(source);
}

const keysBy = (comparer: KeyComparer | null): ((item: unknown) => unknown) =>
  comparer === null ? hashKeyOf : (item) => comparer.keyOf(item);

function* distinct(source: unknown, keyOf: (item: unknown) => unknown): Generator<unknown> {
  const seen = new Set<unknown>();
  for (const item of items(source)) {
    const key = keyOf(item);
    if (seen.has(key)) continue;
    charge(32);
    seen.add(key);
    yield item;
  }
}

function* intersect(
  first: unknown,
  second: unknown,
  keyOf: (item: unknown) => unknown,
  isExcept: boolean,
): Generator<unknown> {
  const keys = new Set([...items(second, "second")].map(keyOf));
  for (const item of distinct(first, keyOf)) if (keys.has(keyOf(item)) !== isExcept) yield item;
}

function* zip(first: unknown, second: unknown, combine: Combine): Generator<unknown> {
  const others = items(second, "second");
  for (const item of items(first, "first")) {
    const other = others.next();
    if (other.done === true) return;
    yield combine(item, other.value);
  }
}

function* reversed(source: unknown): Generator<unknown> {
  yield* [...items(source)].toReversed();
}

function* orDefault(source: unknown, fallback: unknown): Generator<unknown> {
  let isEmpty = true;
  for (const item of items(source)) {
    isEmpty = false;
    yield item;
  }
  if (isEmpty) yield fallback;
}

function* range(start: number, count: number): Generator<number> {
  for (let index = 0; index < count; index++) yield start + index;
}

function* repeat(item: unknown, count: number): Generator<unknown> {
  for (let index = 0; index < count; index++) yield item;
}

function* chunked(source: unknown, size: number, wrap: (chunk: unknown[]) => unknown): Generator<unknown> {
  let chunk: unknown[] = [];
  for (const item of items(source)) {
    chunk.push(item);
    if (chunk.length < size) continue;
    yield wrap(chunk);
    chunk = [];
  }
  if (chunk.length > 0) yield wrap(chunk);
}

function castItem(type: CsType, item: unknown): unknown {
  if (item === null || isInstance(item, type)) return item;
  const from = typeOfValue(item, registryHolder());
  if (explicitConversion(from, type, false)?.kind !== "reference") throw invalidCast(from.key, type.key);
  return item;
}

/** Methods that make one sequence of another. They run when it is gone through. */
export const shapeMembers: Readonly<Record<string, Implementation>> = {
  "Where<T>(this IEnumerable<T> source, Func<T, bool> predicate): IEnumerable<T>": (source: unknown, test: Select) =>
    deferred(source, () => where(source, test)),
  "Where<T>(this IEnumerable<T> source, Func<T, int, bool> predicate): IEnumerable<T>": (
    source: unknown,
    test: Select,
  ) => deferred(source, () => where(source, test)),
  "Select<T, TResult>(this IEnumerable<T> source, Func<T, TResult> selector): IEnumerable<TResult>": (
    source: unknown,
    change: Select,
  ) => deferred(source, () => select(source, change)),
  "Select<T, TResult>(this IEnumerable<T> source, Func<T, int, TResult> selector): IEnumerable<TResult>": (
    source: unknown,
    change: Select,
  ) => deferred(source, () => select(source, change)),
  "SelectMany<T, TResult>(this IEnumerable<T> source, Func<T, IEnumerable<TResult>> selector): IEnumerable<TResult>": (
    source: unknown,
    inner: Select,
  ) => deferred(source, () => selectMany(source, inner, (_outer, item) => item)),
  "SelectMany<T, TResult>(this IEnumerable<T> source, Func<T, int, IEnumerable<TResult>> selector): IEnumerable<TResult>":
    (source: unknown, inner: Select) => deferred(source, () => selectMany(source, inner, (_outer, item) => item)),
  "SelectMany<T, TCollection, TResult>(this IEnumerable<T> source, Func<T, IEnumerable<TCollection>> collectionSelector, Func<T, TCollection, TResult> resultSelector): IEnumerable<TResult>":
    (source: unknown, inner: Select, combine: Combine) => deferred(source, () => selectMany(source, inner, combine)),
  "Take<T>(this IEnumerable<T> source, int count): IEnumerable<T>": (source: unknown, count: number) =>
    deferred(source, () => take(source, count)),
  "Skip<T>(this IEnumerable<T> source, int count): IEnumerable<T>": (source: unknown, count: number) =>
    deferred(source, () => skip(source, count)),
  "TakeWhile<T>(this IEnumerable<T> source, Func<T, bool> predicate): IEnumerable<T>": (
    source: unknown,
    test: Select,
  ) => deferred(source, () => takeWhile(source, test)),
  "SkipWhile<T>(this IEnumerable<T> source, Func<T, bool> predicate): IEnumerable<T>": (
    source: unknown,
    test: Select,
  ) => deferred(source, () => skipWhile(source, test)),
  "TakeLast<T>(this IEnumerable<T> source, int count): IEnumerable<T>": (source: unknown, count: number) =>
    deferred(source, () => (count <= 0 ? [] : [...items(source)].slice(-count))),
  "SkipLast<T>(this IEnumerable<T> source, int count): IEnumerable<T>": (source: unknown, count: number) =>
    deferred(source, () => [...items(source)].slice(0, count <= 0 ? undefined : -count)),
  "Concat<T>(this IEnumerable<T> first, IEnumerable<T> second): IEnumerable<T>": (first: unknown, second: unknown) =>
    deferred(first, () => concat(first, second)),
  "Append<T>(this IEnumerable<T> source, T element): IEnumerable<T>": (source: unknown, item: unknown) =>
    deferred(source, () => [...items(source), item]),
  "Prepend<T>(this IEnumerable<T> source, T element): IEnumerable<T>": (source: unknown, item: unknown) =>
    deferred(source, () => [item, ...items(source)]),
  "Distinct<T>(this IEnumerable<T> source): IEnumerable<T>": (source: unknown) =>
    deferred(source, () => distinct(source, hashKeyOf)),
  "Distinct<T>(this IEnumerable<T> source, IEqualityComparer<T> comparer): IEnumerable<T>": (
    source: unknown,
    comparer: KeyComparer | null,
  ) => deferred(source, () => distinct(source, keysBy(comparer))),
  "DistinctBy<T, TKey>(this IEnumerable<T> source, Func<T, TKey> keySelector): IEnumerable<T>": (
    source: unknown,
    key: (item: unknown) => unknown,
  ) => deferred(source, () => distinct(source, (item) => hashKeyOf(key(item)))),
  "Union<T>(this IEnumerable<T> first, IEnumerable<T> second): IEnumerable<T>": (first: unknown, second: unknown) =>
    deferred(first, () => distinct(new Sequence(() => concat(first, second)), hashKeyOf)),
  "Union<T>(this IEnumerable<T> first, IEnumerable<T> second, IEqualityComparer<T> comparer): IEnumerable<T>": (
    first: unknown,
    second: unknown,
    comparer: KeyComparer | null,
  ) => deferred(first, () => distinct(new Sequence(() => concat(first, second)), keysBy(comparer))),
  "Intersect<T>(this IEnumerable<T> first, IEnumerable<T> second): IEnumerable<T>": (first: unknown, second: unknown) =>
    deferred(first, () => intersect(first, second, hashKeyOf, false)),
  "Intersect<T>(this IEnumerable<T> first, IEnumerable<T> second, IEqualityComparer<T> comparer): IEnumerable<T>": (
    first: unknown,
    second: unknown,
    comparer: KeyComparer | null,
  ) => deferred(first, () => intersect(first, second, keysBy(comparer), false)),
  "Except<T>(this IEnumerable<T> first, IEnumerable<T> second): IEnumerable<T>": (first: unknown, second: unknown) =>
    deferred(first, () => intersect(first, second, hashKeyOf, true)),
  "Except<T>(this IEnumerable<T> first, IEnumerable<T> second, IEqualityComparer<T> comparer): IEnumerable<T>": (
    first: unknown,
    second: unknown,
    comparer: KeyComparer | null,
  ) => deferred(first, () => intersect(first, second, keysBy(comparer), true)),
  "Zip<TFirst, TSecond, TResult>(this IEnumerable<TFirst> first, IEnumerable<TSecond> second, Func<TFirst, TSecond, TResult> resultSelector): IEnumerable<TResult>":
    (first: unknown, second: unknown, combine: Combine) => deferred(first, () => zip(first, second, combine)),
  "Zip<TFirst, TSecond>(this IEnumerable<TFirst> first, IEnumerable<TSecond> second): IEnumerable<(TFirst First, TSecond Second)>":
    (first: unknown, second: unknown) => deferred(first, () => zip(first, second, (a, b) => new TupleValue([a, b]))),
  "Reverse<T>(this IEnumerable<T> source): IEnumerable<T>": (source: unknown) =>
    deferred(source, () => reversed(source)),
  "DefaultIfEmpty<T>(this IEnumerable<T> source, T defaultValue): IEnumerable<T>": (
    source: unknown,
    fallback: unknown,
  ) => deferred(source, () => orDefault(source, fallback)),
  "Cast<type TResult>(this IEnumerable source): IEnumerable<TResult>": (type: CsType, source: unknown) =>
    deferred(source, () => select(source, (item) => castItem(type, item))),
  "OfType<type TResult>(this IEnumerable source): IEnumerable<TResult>": (type: CsType, source: unknown) =>
    deferred(source, () => where(source, (item) => isInstance(item, type))),
  "AsEnumerable<T>(this IEnumerable<T> source): IEnumerable<T>": (source: unknown) => source,
  "Range(int start, int count): IEnumerable<int>": (start: number, count: number) => {
    if (count < 0 || start + count - 1 > 2147483647) throw outOfRange("count");
    return new Sequence(() => range(start, count));
  },
  "Repeat<T>(T element, int count): IEnumerable<T>": (item: unknown, count: number) => {
    if (count < 0) throw outOfRange("count");
    return new Sequence(() => repeat(item, count));
  },
  "Empty<T>(): IEnumerable<T>": () => new Sequence(() => []),
};

export { chunked };
