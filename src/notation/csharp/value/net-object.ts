/**
 * What a .NET value is here:
 * null, bool, string and int are JavaScript's null, boolean, string and number; long is bigint; char is an interned
 * {@link Char}; byte[] is Uint8Array; delegates are functions. Everything else is an object that says its type, so a
 * value in an `object` variable still knows what it is, and no value needs boxing.
 */
export interface NetObject {
  /** Short name in the type table, with its arity where generic: `DateTime`, "List`1". */
  readonly netType: string;
  /** Type arguments as runtime types, for generic ones. */
  readonly netArgs?: readonly unknown[];
  /** Object.Equals. Without it, identity. */
  equals?(other: unknown): boolean;
  /** Equal values have equal keys; a primitive for value types, the object itself otherwise. */
  readonly hashKey?: unknown;
  /** Object.ToString. */
  toString(): string;
}

export function isNetObject(value: unknown): value is NetObject {
  return typeof value === "object" && value !== null && "netType" in value;
}
