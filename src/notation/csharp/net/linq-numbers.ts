import type { Implementation } from "#notation/csharp/type/type-def.ts";
import { type NumericId, rawNumber, toNumeric } from "#notation/csharp/type/numeric.ts";
import { compareValues } from "#notation/csharp/value/compare.ts";
import { addDecimals, type Decimal, decimalZero, divideDecimals } from "#notation/csharp/value/decimal.ts";
import { invalidOperation } from "#notation/csharp/value/net-exception.ts";
import { items } from "./linq-shape.ts";

type Select = (item: unknown) => unknown;

const same: Select = (item) => item;

const numbers: readonly (readonly [alias: string, id: NumericId, mean: NumericId])[] = [
  ["int", "Int32", "Double"],
  ["long", "Int64", "Double"],
  ["double", "Double", "Double"],
  ["float", "Single", "Single"],
  ["decimal", "Decimal", "Decimal"],
];

function* present(source: unknown, select: Select): Generator<unknown> {
  for (const item of items(source)) {
    const value = select(item);
    if (value !== null) yield value;
  }
}

function sum(id: NumericId, source: unknown, select: Select): unknown {
  if (id === "Decimal") {
    let total = decimalZero;
    for (const value of present(source, select)) total = addDecimals(total, value as Decimal);
    return total;
  }
  if (id === "Int32" || id === "Int64") {
    let total = 0n;
    for (const value of present(source, select)) total += BigInt(rawNumber(value) as number | bigint);
    return toNumeric(total, id, true);
  }
  let total = 0;
  for (const value of present(source, select)) total += rawNumber(value) as number;
  return toNumeric(total, id, false);
}

function average(id: NumericId, source: unknown, select: Select, isNullable: boolean): unknown {
  let total: unknown = id === "Decimal" ? decimalZero : 0;
  let count = 0;
  for (const value of present(source, select)) {
    total =
      id === "Decimal" ? addDecimals(total as Decimal, value as Decimal) : (total as number) + Number(rawNumber(value));
    count++;
  }
  if (count === 0) {
    if (isNullable) return null;
    throw invalidOperation("Sequence contains no elements");
  }
  if (id === "Decimal") return divideDecimals(total as Decimal, toNumeric(count, "Decimal", false) as Decimal);
  return toNumeric((total as number) / count, id === "Single" ? "Single" : "Double", false);
}

/** The largest (`sign` 1) or smallest (-1). Null items do not count. */
function extreme(source: unknown, select: Select, sign: number, isNullable: boolean): unknown {
  let found: unknown;
  for (const value of present(source, select))
    if (found === undefined || compareValues(value, found) * sign > 0) found = value;
  if (found !== undefined) return found;
  if (isNullable) return null;
  throw invalidOperation("Sequence contains no elements");
}

function extremeBy(source: unknown, key: Select, sign: number): unknown {
  let found: unknown;
  let best: unknown;
  for (const item of items(source)) {
    const value = key(item);
    if (best === undefined || compareValues(value, best) * sign > 0) {
      found = item;
      best = value;
    }
  }
  if (best === undefined) throw invalidOperation("Sequence contains no elements");
  return found;
}

function members(): Record<string, Implementation> {
  const made: Record<string, Implementation> = {};
  for (const [alias, id, mean] of numbers) {
    const average1 = numbers.find(([, each]) => each === mean)?.[0] ?? "double";
    for (const mark of ["", "?"]) {
      const isNullable = mark !== "";
      const self = `this IEnumerable<${alias}${mark}> source`;
      const selected = `this IEnumerable<T> source, Func<T, ${alias}${mark}> selector`;
      made[`Sum(${self}): ${alias}${mark}`] = (source: unknown) => sum(id, source, same);
      made[`Sum<T>(${selected}): ${alias}${mark}`] = (source: unknown, select: Select) => sum(id, source, select);
      made[`Average(${self}): ${average1}${mark}`] = (source: unknown) => average(id, source, same, isNullable);
      made[`Average<T>(${selected}): ${average1}${mark}`] = (source: unknown, select: Select) =>
        average(id, source, select, isNullable);
      for (const [name, sign] of [
        ["Max", 1],
        ["Min", -1],
      ] as const) {
        made[`${name}(${self}): ${alias}${mark}`] = (source: unknown) => extreme(source, same, sign, isNullable);
        made[`${name}<T>(${selected}): ${alias}${mark}`] = (source: unknown, select: Select) =>
          extreme(source, select, sign, isNullable);
      }
    }
  }
  return made;
}

/** Methods that reckon with the items. */
export const numberMembers: Readonly<Record<string, Implementation>> = {
  ...members(),
  "Max<T>(this IEnumerable<T> source): T": (source: unknown) => extreme(source, same, 1, false),
  "Max<T, TResult>(this IEnumerable<T> source, Func<T, TResult> selector): TResult": (
    source: unknown,
    select: Select,
  ) => extreme(source, select, 1, false),
  "Min<T>(this IEnumerable<T> source): T": (source: unknown) => extreme(source, same, -1, false),
  "Min<T, TResult>(this IEnumerable<T> source, Func<T, TResult> selector): TResult": (
    source: unknown,
    select: Select,
  ) => extreme(source, select, -1, false),
  "MaxBy<T, TKey>(this IEnumerable<T> source, Func<T, TKey> keySelector): T": (source: unknown, key: Select) =>
    extremeBy(source, key, 1),
  "MinBy<T, TKey>(this IEnumerable<T> source, Func<T, TKey> keySelector): T": (source: unknown, key: Select) =>
    extremeBy(source, key, -1),
};
