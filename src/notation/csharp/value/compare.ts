import { Char } from "./char.ts";
import { compareDecimals, Decimal } from "./decimal.ts";
import { EnumValue } from "./enum-value.ts";
import { argument, invalidOperation } from "./net-exception.ts";
import { compareText } from "./compare-text.ts";
import { BigInteger, Double, Single, Small, ULong } from "./numbers.ts";

/** IComparable.CompareTo over two values of one type: negative, 0 or positive. Null comes first. */
export function compareValues(a: unknown, b: unknown): number {
  if (a === null || a === undefined) return b === null || b === undefined ? 0 : -1;
  if (b === null || b === undefined) return 1;
  if (typeof a !== typeof b) throw argument("Object must be of the same type.");
  if (typeof a === "string") return compareText(a, b as string);
  if (typeof a === "number" || typeof a === "bigint") return order(a, b as number | bigint);
  if (typeof a === "boolean") return order(Number(a), Number(b));
  return compareObjects(a as object, b as object);
}

function compareObjects(a: object, b: object): number {
  if (a instanceof Decimal && b instanceof Decimal) return compareDecimals(a, b);
  if (a instanceof Char && b instanceof Char) return a.code - b.code;
  if (hasNumber(a) && hasNumber(b)) return order(a.value, b.value);
  if ("compareTo" in a && typeof a.compareTo === "function")
    return (a as { compareTo(other: unknown): number }).compareTo(b);
  throw invalidOperation("Failed to compare two elements in the array.");
}

function hasNumber(value: object): value is { readonly value: number | bigint } {
  return (
    value instanceof Double ||
    value instanceof Single ||
    value instanceof Small ||
    value instanceof ULong ||
    value instanceof BigInteger ||
    value instanceof EnumValue
  );
}

/** NaN comes before all numbers. */
function order(a: number | bigint, b: number | bigint): number {
  if (a < b) return -1;
  if (a > b) return 1;
  if (a === b) return 0;
  return Number.isNaN(a) ? (Number.isNaN(b) ? 0 : -1) : 1;
}
