import { EnumValue } from "#notation/csharp/value/enum-value.ts";
import { NetArray } from "#notation/csharp/value/net-array.ts";
import { isNetObject } from "#notation/csharp/value/net-object.ts";
import { AnonymousObject, TupleValue } from "#notation/csharp/value/tuple.ts";
import { arrayOf, type CsType, named, nullType, tupleOf } from "./cs-type.ts";
import { isSubtype, supertypes } from "./subtype.ts";
import type { TypeDef } from "./type-def.ts";

/** Where types are looked up: the registry, or any type of it. */
export interface Lookup {
  lookup(id: string): TypeDef;
}

const primitives: Readonly<Record<string, string>> = {
  string: "String",
  number: "Int32",
  bigint: "Int64",
  boolean: "Boolean",
  function: "Delegate",
};

/** The type that a value has when it runs. */
export function typeOfValue(value: unknown, types: Lookup): CsType {
  if (value === null || value === undefined) return nullType;
  const primitive = primitives[typeof value];
  if (primitive !== undefined) return types.lookup(primitive).self;
  if (value instanceof Uint8Array) return arrayOf(types.lookup("Byte").self);
  if (value instanceof NetArray) return arrayOf(value.element as CsType);
  if (value instanceof AnonymousObject) return value.type as CsType;
  if (value instanceof TupleValue)
    return tupleOf(
      value.items.map((item) => typeOfValue(item, types)),
      [],
    );
  if (value instanceof EnumValue || isNetObject(value)) {
    return named(types.lookup(value.netType), (("netArgs" in value ? value.netArgs : []) ?? []) as CsType[]);
  }
  return types.lookup("Object").self;
}

/** `value is T`: false for null. */
export function isInstance(value: unknown, type: CsType): boolean {
  if (value === null || value === undefined) return false;
  if (type.kind === "nullable") return isInstance(value, type.of);
  if (
    type.kind === "named" &&
    (primitives[typeof value] ?? (value as { netType?: string }).netType) === type.def.id &&
    type.args.length === 0
  )
    return true;
  if (type.kind === "dynamic") return true;
  if (type.kind === "tuple") return value instanceof TupleValue && value.items.length === type.elements.length;
  const via = lookupOf(type);
  if (via === undefined) return value instanceof AnonymousObject && (value.type as CsType).key === type.key;
  const own = typeOfValue(value, via);
  if (isSubtype(own, type)) return true;
  // A sequence made by the library does not know what it is of.
  const isErased = own.kind === "named" && own.args.length === 0 && own.def.parameters.length > 0;
  return isErased && type.kind === "named" && supertypes(own.def.self).some(({ def }) => def === type.def);
}

/** A way to the table from a type that names any of it. */
export function lookupOf(type: CsType): TypeDef | undefined {
  switch (type.kind) {
    case "named":
      return type.def;
    case "array":
      return lookupOf(type.element);
    case "nullable":
      return lookupOf(type.of);
    case "tuple":
      return type.elements.map(lookupOf).find((def) => def !== undefined);
    case "anonymous":
      return type.members.map((member) => lookupOf(member.type)).find((def) => def !== undefined);
    default:
      return undefined;
  }
}

/** `default(T)` when it runs. */
export function defaultOf(type: CsType): unknown {
  if (type.kind === "tuple") return new TupleValue(type.elements.map(defaultOf));
  if (type.kind !== "named") return null;
  if (type.def.kind === "enum") return new EnumValue(type.def, 0);
  return type.def.table.zero?.() ?? null;
}
