import { indexOutOfRange } from "./net-exception.ts";
import type { NetObject } from "./net-object.ts";

/** T[], except byte[]. Several dimensions are arrays of arrays with one type. */
export class NetArray implements NetObject {
  readonly netType = "Array";
  /** A runtime type. */
  readonly element: unknown;
  readonly items: unknown[];

  constructor(element: unknown, items: unknown[]) {
    this.element = element;
    this.items = items;
  }

  get(index: number): unknown {
    if (index < 0 || index >= this.items.length) throw indexOutOfRange();
    return this.items[index];
  }

  set(index: number, value: unknown): void {
    if (index < 0 || index >= this.items.length) throw indexOutOfRange();
    this.items[index] = value;
  }

  toString(): string {
    return "System.Array";
  }
}
