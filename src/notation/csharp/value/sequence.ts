import type { NetObject } from "./net-object.ts";

/** A deferred sequence: it runs each time it is gone through. */
export class Sequence implements NetObject {
  readonly netType: string;
  readonly netArgs: readonly unknown[];
  readonly #begin: () => Iterable<unknown>;

  constructor(begin: () => Iterable<unknown>, netArgs: readonly unknown[] = [], netType = "IEnumerable`1") {
    this.#begin = begin;
    this.netArgs = netArgs;
    this.netType = netType;
  }

  [Symbol.iterator](): Iterator<unknown> {
    return this.#begin()[Symbol.iterator]();
  }

  toString(): string {
    return "System.Linq.Enumerable";
  }
}
