import type { MutableDictionary } from "./dictionary-like.ts";
import { hashKeyOf } from "./equality.ts";
import { KeyValuePair } from "./key-value-pair.ts";
import { argument, argumentNull } from "./net-exception.ts";
import { modified } from "./net-list.ts";
import type { NetObject } from "./net-object.ts";
import { charge } from "./run.ts";
import { toText } from "./to-text.ts";

/** IEqualityComparer<T>: under what a key is filed. */
export interface KeyComparer {
  keyOf(value: unknown): unknown;
}

export const plainKeys: KeyComparer = { keyOf: hashKeyOf };

/** Dictionary<TKey, TValue>; in the order of insertion, as .NET's is while nothing is removed. */
export class NetDictionary implements MutableDictionary, NetObject {
  readonly netType: string;
  readonly netArgs: readonly unknown[];
  readonly #entries = new Map<unknown, KeyValuePair>();
  readonly #comparer: KeyComparer;
  #version = 0;

  constructor(netArgs: readonly unknown[], comparer: KeyComparer | null = null, netType = "Dictionary`2") {
    this.netArgs = netArgs;
    this.#comparer = comparer ?? plainKeys;
    this.netType = netType;
  }

  get count(): number {
    return this.#entries.size;
  }

  #key(key: unknown): unknown {
    if (key === null || key === undefined) throw argumentNull("key");
    return this.#comparer.keyOf(key);
  }

  has(key: unknown): boolean {
    return this.#entries.has(this.#key(key));
  }

  find(key: unknown): unknown {
    return this.#entries.get(this.#key(key))?.value;
  }

  put(key: unknown, value: unknown): void {
    charge(64);
    const filed = this.#key(key);
    this.#entries.set(filed, new KeyValuePair(this.netArgs, this.#entries.get(filed)?.key ?? key, value));
    this.#version++;
  }

  add(key: unknown, value: unknown): void {
    if (this.has(key)) throw argument(`An item with the same key has already been added. Key: ${toText(key)}`);
    this.put(key, value);
  }

  delete(key: unknown): boolean {
    this.#version++;
    return this.#entries.delete(this.#key(key));
  }

  clear(): void {
    this.#version++;
    this.#entries.clear();
  }

  *keys(): Generator<unknown> {
    for (const pair of this) yield (pair as KeyValuePair).key;
  }

  *values(): Generator<unknown> {
    for (const pair of this) yield (pair as KeyValuePair).value;
  }

  *[Symbol.iterator](): Generator<unknown> {
    const version = this.#version;
    for (const pair of this.#entries.values()) {
      yield pair;
      if (version !== this.#version) throw modified();
    }
  }

  toString(): string {
    return "System.Collections.Generic.Dictionary`2";
  }
}
