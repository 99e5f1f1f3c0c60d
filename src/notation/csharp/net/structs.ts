import type { CsType } from "#notation/csharp/type/cs-type.ts";
import { defaultOf } from "#notation/csharp/type/runtime-type.ts";
import type { TypeTable } from "#notation/csharp/type/type-def.ts";
import { equalValues } from "#notation/csharp/value/equality.ts";
import { invalidOperation } from "#notation/csharp/value/net-exception.ts";
import { toText } from "#notation/csharp/value/to-text.ts";
import { hashCodeOf } from "#notation/csharp/value/hash-code.ts";

/** Members of `T?`. Its values are null or a T, so these get null too. */
export const nullableTable: TypeTable = {
  name: "Nullable<T>",
  namespace: "System",
  kind: "class",
  members: {
    "HasValue: bool": (self: unknown) => self !== null,
    "Value: T": (self: unknown) => {
      if (self === null) throw invalidOperation("Nullable object must have a value.");
      return self;
    },
    "GetValueOrDefault<type T>(): T": (type: CsType, self: unknown) => self ?? defaultOf(type),
    "GetValueOrDefault(T defaultValue): T": (self: unknown, fallback: unknown) => self ?? fallback,
    "ToString(): string": (self: unknown) => toText(self),
    "Equals(object other): bool": equalValues,
    "GetHashCode(): int": (self: unknown) => (self === null ? 0 : hashCodeOf(self)),
  },
};

/** What all tuples have; their items are the binder's business. */
export const valueTupleTable: TypeTable = { name: "ValueTuple", namespace: "System", kind: "class" };
