import { hashKeyOf } from "./equality.ts";
import type { NetObject } from "./net-object.ts";
import { toText } from "./to-text.ts";

export class KeyValuePair implements NetObject {
  readonly netType = "KeyValuePair`2";
  readonly netArgs: readonly unknown[];
  readonly key: unknown;
  readonly value: unknown;

  constructor(netArgs: readonly unknown[], key: unknown, value: unknown) {
    this.netArgs = netArgs;
    this.key = key;
    this.value = value;
  }

  equals(other: unknown): boolean {
    return (
      other instanceof KeyValuePair &&
      hashKeyOf(other.key) === hashKeyOf(this.key) &&
      hashKeyOf(other.value) === hashKeyOf(this.value)
    );
  }

  toString(): string {
    return `[${toText(this.key)}, ${toText(this.value)}]`;
  }
}
