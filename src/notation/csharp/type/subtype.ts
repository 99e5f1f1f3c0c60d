import { type CsType, isValueType, named, type NamedType, substitute } from "./cs-type.ts";
import type { TypeDef } from "./type-def.ts";

/** Interfaces whose type argument only comes out, so that a sequence of strings is one of objects. */
const covariant: ReadonlySet<string> = new Set([
  "IEnumerable`1",
  "IEnumerator`1",
  "IReadOnlyCollection`1",
  "IReadOnlyList`1",
  "IGrouping`2",
  "IOrderedEnumerable`1",
  "Func`1",
  "Func`2",
  "Func`3",
]);

const arrayInterfaces = ["IList`1", "ICollection`1", "IEnumerable`1", "IReadOnlyList`1", "IReadOnlyCollection`1"];

/** The type itself, its base types and all interfaces, nearest first. */
export function supertypes(type: CsType): readonly NamedType[] {
  const found: NamedType[] = [];
  const seen = new Set<string>();
  const add = (next: NamedType): void => {
    if (seen.has(next.key)) return;
    seen.add(next.key);
    found.push(next);
    const bindings = bindingsOf(next);
    if (next.def.base !== null) add(substitute(next.def.base, bindings) as NamedType);
    for (const implemented of next.def.interfaces) add(substitute(implemented, bindings) as NamedType);
  };
  for (const start of startsOf(type)) add(start);
  return found;
}

export function bindingsOf(type: NamedType): ReadonlyMap<string, CsType> {
  if (type.args.length === 0) return nothing;
  return new Map(type.def.parameters.map((name, index) => [name, type.args[index] as CsType]));
}

const nothing: ReadonlyMap<string, CsType> = new Map();

function startsOf(type: CsType): readonly NamedType[] {
  switch (type.kind) {
    case "named":
      return [type];
    case "array": {
      const via = anyDef(type.element);
      if (via === undefined) return [];
      const array = via.lookup("Array").self;
      return [array, ...arrayInterfaces.map((id) => named(via.lookup(id), [type.element]))];
    }
    case "nullable":
      return startsOf(type.of);
    case "tuple": {
      const via = type.elements.map(anyDef).find((def) => def !== undefined);
      return via === undefined ? [] : [via.lookup("ValueTuple").self];
    }
    case "anonymous": {
      const via = type.members.map((member) => anyDef(member.type)).find((def) => def !== undefined);
      return via === undefined ? [] : [via.lookup("Object").self];
    }
    default:
      return [];
  }
}

function anyDef(type: CsType): TypeDef | undefined {
  if (type.kind === "named") return type.def;
  if (type.kind === "array") return anyDef(type.element);
  if (type.kind === "nullable") return anyDef(type.of);
  if (type.kind === "tuple") return type.elements.map(anyDef).find((def) => def !== undefined);
  if (type.kind === "anonymous")
    return type.members.map((member) => anyDef(member.type)).find((def) => def !== undefined);
  return undefined;
}

/** Is every value of `from` one of `to`, without being changed? */
export function isSubtype(from: CsType, to: CsType): boolean {
  if (from.key === to.key || to.kind === "dynamic") return true;
  if (to.kind === "named" && to.def.id === "Object") return from.kind !== "void";
  if (from.kind === "null") return !isValueType(to) || to.kind === "nullable";
  if (to.kind === "array") {
    if (from.kind !== "array" || from.rank !== to.rank) return false;
    return !isValueType(from.element) && isSubtype(from.element, to.element);
  }
  if (to.kind === "tuple") {
    if (from.kind !== "tuple" || from.elements.length !== to.elements.length) return false;
    return from.elements.every((element, index) => isSubtype(element, to.elements[index] as CsType));
  }
  if (to.kind !== "named") return false;
  return supertypes(from).some((type) => type.key === to.key || isVariant(type, to));
}

function isVariant(from: NamedType, to: NamedType): boolean {
  if (from.def !== to.def || !covariant.has(to.def.id)) return false;
  return from.args.every((arg, index) => {
    const target = to.args[index] as CsType;
    return arg.key === target.key || (!isValueType(arg) && isSubtype(arg, target));
  });
}

/** The instance of a generic type among the supertypes: `IEnumerable<char>` of string. */
export function instanceOf(type: CsType, def: TypeDef): NamedType | undefined {
  return supertypes(type).find((candidate) => candidate.def === def);
}
