import type { NetObject } from "./net-object.ts";

/** System.Type: what `typeof` and GetType() give. */
export class NetType implements NetObject {
  readonly netType = "Type";
  /** A runtime type. */
  readonly type: { readonly key: string };
  readonly shown: string;

  constructor(type: { readonly key: string }, shown: string) {
    this.type = type;
    this.shown = shown;
  }

  equals(other: unknown): boolean {
    return other instanceof NetType && other.type.key === this.type.key;
  }

  get hashKey(): string {
    return `\0type ${this.type.key}`;
  }

  toString(): string {
    return this.shown;
  }
}
