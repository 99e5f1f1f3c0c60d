import { equalValues, hashKeyOf } from "./equality.ts";
import type { NetObject } from "./net-object.ts";
import { toText } from "./to-text.ts";

/** `(1, "a")`: a ValueTuple. */
export class TupleValue implements NetObject {
  readonly netType = "ValueTuple";
  readonly items: unknown[];

  constructor(items: unknown[]) {
    this.items = items;
  }

  equals(other: unknown): boolean {
    return other instanceof TupleValue && sameItems(this.items, other.items);
  }

  get hashKey(): string {
    return keyOfItems(this.items);
  }

  toString(): string {
    return `(${this.items.map(toText).join(", ")})`;
  }
}

/** `new { a = 1 }`. */
export class AnonymousObject implements NetObject {
  readonly netType = "Anonymous";
  /** A runtime type. */
  readonly type: unknown;
  readonly names: readonly string[];
  readonly items: readonly unknown[];

  constructor(type: unknown, names: readonly string[], items: readonly unknown[]) {
    this.type = type;
    this.names = names;
    this.items = items;
  }

  equals(other: unknown): boolean {
    if (!(other instanceof AnonymousObject) || other.names.join() !== this.names.join()) return false;
    return sameItems(this.items, other.items);
  }

  get hashKey(): string {
    return keyOfItems(this.items);
  }

  toString(): string {
    return `{ ${this.names.map((name, index) => `${name} = ${toText(this.items[index])}`).join(", ")} }`;
  }
}

function sameItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, index) => equalValues(item, b[index]));
}

const identities = new WeakMap<object, number>();
let lastIdentity = 0;

function keyOfItems(items: readonly unknown[]): string {
  return `\0(${items.map((item) => keyText(hashKeyOf(item))).join("\0,")}\0)`;
}

function keyText(key: unknown): string {
  if (typeof key !== "object" || key === null) return `${typeof key}:${String(key)}`;
  let identity = identities.get(key);
  if (identity === undefined) identities.set(key, (identity = ++lastIdentity));
  return `#${identity}`;
}
