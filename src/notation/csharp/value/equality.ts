import { isNetObject } from "./net-object.ts";

/** Object.Equals: by value where the type says so, and strict about types. */
export function equalValues(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  return isNetObject(a) && a.equals !== undefined && b !== null && a.equals(b);
}

/** Under what a value is filed in a Map: equal values have the same. */
export function hashKeyOf(value: unknown): unknown {
  return isNetObject(value) && value.hashKey !== undefined ? value.hashKey : value;
}
