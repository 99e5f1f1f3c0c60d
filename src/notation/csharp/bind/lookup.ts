import { nearest } from "#notation/nearest.ts";
import { type CsType, show } from "#notation/csharp/type/cs-type.ts";
import { bindingsOf, supertypes } from "#notation/csharp/type/subtype.ts";
import type { MemberDef } from "#notation/csharp/type/type-def.ts";
import type { Binder } from "./binder.ts";
import type { Candidate } from "./bound.ts";

type Section = "members" | "setters" | "operators";

/** Members of that name, of the nearest types first. What a nearer type has with the same parameters hides the others. */
export function membersOf(
  binder: Binder,
  type: CsType,
  name: string,
  section: Section = "members",
): readonly Candidate[] {
  if (type.kind === "nullable") {
    const def = binder.def("Nullable`1");
    const bindings = new Map([["T", type.of]]);
    return def.members(name).map((member) => ({ member, bindings }));
  }
  const found: Candidate[] = [];
  const seen = new Set<string>();
  const add = (members: readonly MemberDef[], bindings: ReadonlyMap<string, CsType>): void => {
    for (const member of members) {
      const key = `${member.typeParameters.length}(${member.parameters.map((parameter) => parameter.type.key).join()})`;
      if (seen.has(key)) continue;
      seen.add(key);
      found.push({ member, bindings });
    }
  };
  const types = supertypes(type);
  const addOf = (candidates: typeof types): void => {
    for (const candidate of candidates) add(candidate.def[section](name), bindingsOf(candidate));
  };
  const isOfInterface = ({ def }: (typeof types)[number]): boolean => def.table.kind === "interface";
  addOf(types.filter((candidate) => !isOfInterface(candidate)));
  // What a class has hides what it has as an interface: `JObject.Add(object)` is not `ICollection<JToken>.Add`.
  if (found.length === 0) addOf(types.filter(isOfInterface));
  // Interfaces and type parameters are objects too.
  if (section === "members") add(binder.def("Object").members(name), new Map());
  return found;
}

/** Extension methods of that name, of every static class. */
export function extensionsOf(binder: Binder, name: string): readonly Candidate[] {
  const bindings = new Map<string, CsType>();
  return binder.types.statics
    .flatMap((def) => def.statics(name))
    .filter((member) => member.isExtension)
    .map((member) => ({ member, bindings }));
}

/** Members that are there in API Management and cannot be here, and why. */
const withheld: ReadonlyMap<string, string> = new Map([
  ["ISubscription.PrimaryKey", "keys are kept as digests alone; Key is the one that was sent"],
  ["ISubscription.SecondaryKey", "keys are kept as digests alone; Key is the one that was sent"],
]);

export function noMember(binder: Binder, type: CsType, name: string, at: number, isStatic: boolean): never {
  const why = withheld.get(`${show(type)}.${name}`);
  if (why !== undefined) return binder.fail(`'${show(type)}' has no member '${name}' here: ${why}`, at);
  const near = nearest(name, isStatic ? staticNames(type) : memberNames(type));
  const hint = near === undefined ? "" : `; did you mean '${near}'?`;
  return binder.fail(`'${show(type)}' has no member '${name}' here${hint}`, at);
}

function memberNames(type: CsType): readonly string[] {
  return supertypes(type).flatMap(({ def }) =>
    Object.keys(def.table.members ?? {}).map((key) => /^\w+/.exec(key)?.[0] ?? ""),
  );
}

function staticNames(type: CsType): readonly string[] {
  if (type.kind !== "named") return [];
  const { statics = {}, values = {} } = type.def.table;
  return [...Object.keys(statics).map((key) => /^\w+/.exec(key)?.[0] ?? ""), ...Object.keys(values)];
}
