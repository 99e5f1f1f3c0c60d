import type { TypeDef } from "./type-def.ts";

/** A type of C#. Two types are the same when their keys are. */
export type CsType = { readonly key: string } & (
  | { readonly kind: "named"; readonly def: TypeDef; readonly args: readonly CsType[] }
  | { readonly kind: "array"; readonly element: CsType; readonly rank: number }
  /** A value type that may be null. */
  | { readonly kind: "nullable"; readonly of: CsType }
  | { readonly kind: "tuple"; readonly elements: readonly CsType[]; readonly names: readonly (string | null)[] }
  | { readonly kind: "anonymous"; readonly members: readonly { readonly name: string; readonly type: CsType }[] }
  /** A type parameter of a generic member, before it is inferred. */
  | { readonly kind: "parameter"; readonly name: string }
  | { readonly kind: "void" | "null" | "dynamic" }
);

export type NamedType = Extract<CsType, { kind: "named" }>;

export const voidType: CsType = { kind: "void", key: "void" };
export const nullType: CsType = { kind: "null", key: "<null>" };
export const dynamicType: CsType = { kind: "dynamic", key: "dynamic" };

export function named(def: TypeDef, args: readonly CsType[] = []): NamedType {
  if (args.length === 0) return def.self;
  return { kind: "named", def, args, key: `${def.id}<${args.map((arg) => arg.key).join(",")}>` };
}

export function arrayOf(element: CsType, rank = 1): CsType {
  return { kind: "array", element, rank, key: `${element.key}[${",".repeat(rank - 1)}]` };
}

/** `T?`; reference types are what they are. */
export function nullable(of: CsType): CsType {
  return isValueType(of) && of.kind !== "nullable" ? { kind: "nullable", of, key: `${of.key}?` } : of;
}

export function tupleOf(elements: readonly CsType[], names: readonly (string | null)[]): CsType {
  return { kind: "tuple", elements, names, key: `(${elements.map((element) => element.key).join(",")})` };
}

export function anonymousOf(members: readonly { readonly name: string; readonly type: CsType }[]): CsType {
  return { kind: "anonymous", members, key: `{${members.map(({ name, type }) => `${name}:${type.key}`).join(";")}}` };
}

export function parameterType(name: string): CsType {
  return { kind: "parameter", name, key: `!${name}` };
}

/** Types whose variables are never null. */
export function isValueType(type: CsType): boolean {
  if (type.kind === "named") return type.def.kind === "struct" || type.def.kind === "enum";
  return type.kind === "nullable" || type.kind === "tuple";
}

export function isNamed(type: CsType, id: string): type is NamedType {
  return type.kind === "named" && type.def.id === id;
}

export function same(a: CsType, b: CsType): boolean {
  return a.key === b.key;
}

/** As C# writes it, for messages. */
export function show(type: CsType): string {
  switch (type.kind) {
    case "named":
      return type.def.display + (type.args.length === 0 ? "" : `<${type.args.map(show).join(", ")}>`);
    case "array":
      return `${show(type.element)}[${",".repeat(type.rank - 1)}]`;
    case "nullable":
      return `${show(type.of)}?`;
    case "tuple":
      return `(${type.elements.map(show).join(", ")})`;
    case "anonymous":
      return "anonymous type";
    case "parameter":
      return type.name;
    default:
      return type.kind;
  }
}

/** Puts types in the place of type parameters. */
export function substitute(type: CsType, bindings: ReadonlyMap<string, CsType>): CsType {
  if (bindings.size === 0) return type;
  switch (type.kind) {
    case "parameter":
      return bindings.get(type.name) ?? type;
    case "named":
      return type.args.length === 0
        ? type
        : named(
            type.def,
            type.args.map((arg) => substitute(arg, bindings)),
          );
    case "array":
      return arrayOf(substitute(type.element, bindings), type.rank);
    case "nullable":
      return nullableOf(substitute(type.of, bindings));
    case "tuple":
      return tupleOf(
        type.elements.map((element) => substitute(element, bindings)),
        type.names,
      );
    default:
      return type;
  }
}

function nullableOf(of: CsType): CsType {
  return of.kind === "nullable" ? of : { kind: "nullable", of, key: `${of.key}?` };
}

/** Does a type parameter occur in it? */
export function isOpen(type: CsType): boolean {
  switch (type.kind) {
    case "parameter":
      return true;
    case "named":
      return type.args.some(isOpen);
    case "array":
      return isOpen(type.element);
    case "nullable":
      return isOpen(type.of);
    case "tuple":
      return type.elements.some(isOpen);
    default:
      return false;
  }
}
