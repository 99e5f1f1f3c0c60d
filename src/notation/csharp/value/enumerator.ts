import type { NetObject } from "./net-object.ts";
import { step } from "./run.ts";

/** IEnumerator<T>, for those who turn the crank themselves. */
export class Enumerator implements NetObject {
  readonly netType = "IEnumerator`1";
  readonly netArgs: readonly unknown[];
  readonly #iterator: Iterator<unknown>;
  current: unknown = null;

  constructor(iterable: Iterable<unknown>, element: unknown) {
    this.netArgs = [element];
    this.#iterator = iterable[Symbol.iterator]();
  }

  moveNext(): boolean {
    step();
    const { done, value } = this.#iterator.next();
    this.current = done === true ? null : value;
    return done !== true;
  }

  toString(): string {
    return "System.Collections.Generic.IEnumerator`1";
  }
}
