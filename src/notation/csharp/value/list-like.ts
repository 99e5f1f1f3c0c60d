import { equalValues } from "./equality.ts";
import { indexOutOfRange, NetException, outOfRange } from "./net-exception.ts";
import { NetArray } from "./net-array.ts";
import { NetList } from "./net-list.ts";
import { byteOf } from "./numbers.ts";

/** What IList<T> asks of arrays, lists and JSON arrays. */
export interface ListLike {
  add(item: unknown): void;
  remove(item: unknown): boolean;
  clear(): void;
  indexOf(item: unknown): number;
  insert(index: number, item: unknown): void;
  removeAt(index: number): void;
  set(index: number, value: unknown): void;
}

export function listLike(value: unknown): ListLike {
  if (value instanceof NetList) return overList(value);
  if (value instanceof NetArray) return overArray(value);
  if (isListLike(value)) return value;
  throw fixedSize();
}

function isListLike(value: unknown): value is ListLike {
  return typeof value === "object" && value !== null && "removeAt" in value && "indexOf" in value;
}

function overList(list: NetList): ListLike {
  return {
    add: (item) => list.add(item),
    remove: (item) => list.remove(item),
    clear: () => list.clear(),
    indexOf: (item) => list.items.findIndex((each) => equalValues(each, item)),
    insert: (index, item) => list.insert(index, [item]),
    removeAt: (index) => list.removeRange(index, 1),
    set: (index, value) => list.set(index, value),
  };
}

function fixedSize(): NetException {
  return new NetException("NotSupportedException", "Collection was of a fixed size.");
}

function refuse(): never {
  throw fixedSize();
}

function overArray(array: NetArray): ListLike {
  return {
    add: refuse,
    remove: refuse,
    clear: refuse,
    insert: refuse,
    removeAt: refuse,
    indexOf: (item) => array.items.findIndex((each) => equalValues(each, item)),
    set: (index, value) => array.set(index, value),
  };
}

/** Count of any sequence that knows it, or has to be gone through. */
export function countOf(value: unknown): number {
  if (value instanceof NetArray || value instanceof NetList) return value.items.length;
  if (value instanceof Uint8Array || typeof value === "string") return value.length;
  if (typeof value === "object" && value !== null && "count" in value) return value.count as number;
  return [...(value as Iterable<unknown>)].length;
}

export function itemAt(value: unknown, index: number): unknown {
  if (value instanceof NetList || value instanceof NetArray) return value.get(index);
  if (value instanceof Uint8Array) {
    const byte = value[index];
    if (byte === undefined) throw indexOutOfRange();
    return byteOf(byte);
  }
  if (typeof value === "object" && value !== null && "get" in value)
    return (value as { get(index: number): unknown }).get(index);
  let at = 0;
  for (const item of value as Iterable<unknown>) if (at++ === index) return item;
  throw outOfRange("index");
}
