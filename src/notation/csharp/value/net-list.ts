import { equalValues } from "./equality.ts";
import { invalidOperation, outOfRange } from "./net-exception.ts";
import type { NetObject } from "./net-object.ts";
import { charge } from "./run.ts";

/** List<T>. */
export class NetList implements NetObject {
  readonly netType = "List`1";
  readonly netArgs: readonly unknown[];
  readonly items: unknown[];
  #version = 0;

  constructor(element: unknown, items: unknown[] = []) {
    this.netArgs = [element];
    this.items = items;
  }

  get count(): number {
    return this.items.length;
  }

  get(index: number): unknown {
    this.#check(index, this.items.length - 1);
    return this.items[index];
  }

  set(index: number, value: unknown): void {
    this.#check(index, this.items.length - 1);
    this.items[index] = value;
    this.#version++;
  }

  add(value: unknown): void {
    charge(16);
    this.items.push(value);
    this.#version++;
  }

  insert(index: number, values: readonly unknown[]): void {
    this.#check(index, this.items.length);
    charge(16 * (values.length + 1));
    this.items.splice(index, 0, ...values);
    this.#version++;
  }

  removeRange(index: number, count: number): void {
    if (index < 0 || count < 0 || index + count > this.items.length) throw outOfRange("index");
    this.items.splice(index, count);
    this.#version++;
  }

  remove(value: unknown): boolean {
    const index = this.items.findIndex((item) => equalValues(item, value));
    if (index === -1) return false;
    this.removeRange(index, 1);
    return true;
  }

  /** After the items have been changed in place. */
  changed(): void {
    this.#version++;
  }

  clear(): void {
    this.items.length = 0;
    this.#version++;
  }

  #check(index: number, last: number): void {
    if (index < 0 || index > last) throw outOfRange("index");
  }

  *[Symbol.iterator](): Generator<unknown> {
    const version = this.#version;
    for (const item of this.items) {
      yield item;
      if (version !== this.#version) throw modified();
    }
  }

  toString(): string {
    return "System.Collections.Generic.List`1";
  }
}

export function modified(): Error {
  return invalidOperation("Collection was modified; enumeration operation may not execute.");
}
