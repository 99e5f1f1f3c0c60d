import { show } from "#notation/csharp/type/cs-type.ts";
import { lookupOf, typeOfValue } from "#notation/csharp/type/runtime-type.ts";
import type { TypeTable } from "#notation/csharp/type/type-def.ts";
import { equalValues } from "#notation/csharp/value/equality.ts";
import { NetType } from "#notation/csharp/value/net-type.ts";
import { toText } from "#notation/csharp/value/to-text.ts";
import { hashCodeOf } from "#notation/csharp/value/hash-code.ts";
import { registryHolder } from "#notation/csharp/type/registry-holder.ts";

export const objectTable: TypeTable = {
  name: "Object",
  namespace: "System",
  alias: "object",
  kind: "class",
  construct: { "()": () => new PlainObject() },
  statics: {
    "Equals(object objA, object objB): bool": equalValues,
    "ReferenceEquals(object objA, object objB): bool": (a: unknown, b: unknown) => a === b,
  },
  members: {
    "ToString(): string": (self: unknown) => toText(self),
    "Equals(object obj): bool": (self: unknown, other: unknown) => equalValues(self, other),
    "GetHashCode(): int": (self: unknown) => hashCodeOf(self),
    "GetType(): Type": (self: unknown) => typeOf(self),
  },
};

class PlainObject {
  readonly netType = "Object";

  toString(): string {
    return "System.Object";
  }
}

function typeOf(value: unknown): NetType {
  const type = typeOfValue(value, registryHolder());
  return new NetType(type, fullName(type));
}

function fullName(type: Parameters<typeof show>[0]): string {
  return type.kind === "named" && type.args.length === 0 ? `${type.def.namespace}.${type.def.name}` : show(type);
}

export const typeTable: TypeTable = {
  name: "Type",
  namespace: "System",
  kind: "class",
  members: {
    "Name: string": (self: NetType) => lastName(self),
    "FullName: string": (self: NetType) => self.toString(),
    "ToString(): string": (self: NetType) => self.toString(),
  },
  operators: {
    "==(Type, Type): bool": (a: NetType | null, b: NetType | null) => equalValues(a, b),
    "!=(Type, Type): bool": (a: NetType | null, b: NetType | null) => !equalValues(a, b),
  },
};

function lastName(self: NetType): string {
  const type = self.type as Parameters<typeof lookupOf>[0];
  if (type.kind === "array") return self.shown.replace(/^.*\./, "");
  return lookupOf(type)?.id ?? self.shown;
}
