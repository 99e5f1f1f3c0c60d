import { modified } from "./net-list.ts";
import type { NetObject } from "./net-object.ts";
import { type KeyComparer, plainKeys } from "./net-dictionary.ts";
import { charge } from "./run.ts";

/** HashSet<T>. */
export class NetSet implements NetObject {
  readonly netType = "HashSet`1";
  readonly netArgs: readonly unknown[];
  readonly #items = new Map<unknown, unknown>();
  readonly #comparer: KeyComparer;
  #version = 0;

  constructor(element: unknown, comparer: KeyComparer | null = null) {
    this.netArgs = [element];
    this.#comparer = comparer ?? plainKeys;
  }

  get count(): number {
    return this.#items.size;
  }

  has(value: unknown): boolean {
    return this.#items.has(this.#comparer.keyOf(value));
  }

  add(value: unknown): boolean {
    const key = this.#comparer.keyOf(value);
    if (this.#items.has(key)) return false;
    charge(48);
    this.#items.set(key, value);
    this.#version++;
    return true;
  }

  delete(value: unknown): boolean {
    this.#version++;
    return this.#items.delete(this.#comparer.keyOf(value));
  }

  clear(): void {
    this.#version++;
    this.#items.clear();
  }

  *[Symbol.iterator](): Generator<unknown> {
    const version = this.#version;
    for (const item of this.#items.values()) {
      yield item;
      if (version !== this.#version) throw modified();
    }
  }

  toString(): string {
    return "System.Collections.Generic.HashSet`1";
  }
}
