import { type CsType, isValueType, substitute } from "#notation/csharp/type/cs-type.ts";
import type { Binder } from "./binder.ts";
import { type Bound, contextSlot, type Operand, valueOf } from "./bound.ts";
import { delegateShape } from "./delegate.ts";
import { localValue } from "./locals.ts";
import { emitInvoke, notNull } from "./invoke.ts";
import { extensionsOf, membersOf, noMember } from "./lookup.ts";
import type { Candidate, Code } from "./bound.ts";

/** A name: a variable, `context`, a type or a namespace. */
export function bindName(binder: Binder, name: string, typeArgs: readonly CsType[], at: number): Operand {
  if (typeArgs.length === 0) {
    const symbol = binder.scope.find(name);
    if (symbol?.kind === "local") return localValue(binder, symbol, at);
    if (symbol?.kind === "alias") return aliasValue(binder, symbol, at);
    if (name === "context")
      return valueOf(binder.type("IProxyRequestContext"), at, () => (frame) => frame[contextSlot]);
  }
  const type = binder.types.fromPath([name], typeArgs);
  if (type !== undefined) return { kind: "type", type, at };
  if (binder.types.isNamespace(name)) return { kind: "namespace", name, at };
  return binder.fail(`the name '${name}' means nothing here`, at);
}

function aliasValue(
  binder: Binder,
  { parameter, path }: { parameter: Parameters<typeof localValue>[1]; path: readonly string[] },
  at: number,
): Operand {
  let operand: Operand = localValue(binder, parameter, at);
  for (const name of path) operand = bindMember(binder, operand, name, [], at);
  return operand;
}

/** `target.name`; `isCalled` where a call of it follows: a property that cannot be called then hides no method. */
export function bindMember(
  binder: Binder,
  target: Operand,
  name: string,
  typeArgs: readonly CsType[],
  at: number,
  isCalled = false,
): Operand {
  if (target.kind === "namespace") return namespaceMember(binder, `${target.name}.${name}`, typeArgs, at);
  if (target.kind === "type") return staticMember(binder, target.type, name, typeArgs, at);
  if (target.kind === "group") return binder.fail(`'${target.name}' is a method: call it first`, at);
  return instanceMember(binder, binder.rules.settle(binder, target, null), { name, typeArgs, at, isCalled });
}

function namespaceMember(binder: Binder, name: string, typeArgs: readonly CsType[], at: number): Operand {
  const type = binder.types.fromPath(name.split("."), typeArgs);
  if (type !== undefined) return { kind: "type", type, at };
  if (binder.types.isNamespace(name)) return { kind: "namespace", name, at };
  return binder.fail(`the type '${name}' is not available in policy expressions`, at);
}

function staticMember(binder: Binder, type: CsType, name: string, typeArgs: readonly CsType[], at: number): Operand {
  if (type.kind !== "named") return noMember(binder, type, name, at, true);
  const bindings = new Map(type.def.parameters.map((parameter, index) => [parameter, type.args[index] as CsType]));
  const found: Candidate[] = [];
  for (let def = type.def; ; def = def.base.def) {
    found.push(...def.statics(name).map((member) => ({ member, bindings })));
    if (def.base === null) break;
  }
  const [first] = found;
  if (first === undefined) return noMember(binder, type, name, at, true);
  if (first.member.isMethod) {
    return { kind: "group", name, at, receiver: null, candidates: found, extensions: [], typeArgs };
  }
  const { member } = first;
  const value = valueOf(substitute(member.returns, bindings), at, () => emitInvoke(member, bindings, null, [], false));
  if (type.def.kind !== "enum") return value;
  const constant = (member.run as () => unknown)();
  return { ...value, constant };
}

interface Wanted {
  readonly name: string;
  readonly typeArgs: readonly CsType[];
  readonly at: number;
  readonly isCalled: boolean;
}

function instanceMember(binder: Binder, target: Bound, { name, typeArgs, at, isCalled }: Wanted): Operand {
  const { type } = target;
  if (type.kind === "null") return binder.fail("null has no members", at);
  if (type.kind === "dynamic") return binder.rules.dynamicMember(binder, target, name, typeArgs, at);
  if (type.kind === "void") return binder.fail("this gives nothing, so it has no members", at);
  // `f.Invoke(x)` is `f(x)`.
  if (name === "Invoke" && delegateShape(type) !== undefined) return target;
  const structural = structuralMember(binder, target, name, at);
  if (structural !== undefined) return structural;
  const found = membersOf(binder, type, name);
  const [first] = found;
  const extensions = extensionsOf(binder, name);
  // `list.Count()` is LINQ's, though a list has a property of that name.
  const candidates = found.filter(({ member }) => member.isMethod);
  const isHidden = isCalled && candidates.length + extensions.length > 0 && !isDelegate(first);
  if (first !== undefined && !first.member.isMethod && !isHidden) return property(binder, target, first, name, at);
  if (first === undefined && extensions.length === 0) return noMember(binder, type, name, at, false);
  return { kind: "group", name, at, receiver: target, candidates, extensions, typeArgs };
}

function isDelegate(candidate: Candidate | undefined): boolean {
  return (
    candidate !== undefined && delegateShape(substitute(candidate.member.returns, candidate.bindings)) !== undefined
  );
}

/** Members of tuples and anonymous objects. */
function structuralMember(binder: Binder, target: Bound, name: string, at: number): Bound | undefined {
  const { type } = target;
  if (type.kind === "anonymous") {
    const index = type.members.findIndex((member) => member.name === name);
    return index === -1 ? undefined : item(target, type.members[index]?.type as CsType, index, at);
  }
  if (type.kind !== "tuple") return undefined;
  const given = type.names.indexOf(name);
  const index = given === -1 ? Number(/^Item([1-9]\d*)$/.exec(name)?.[1] ?? 0) - 1 : given;
  const element = type.elements[index];
  return element === undefined ? undefined : item(target, element, index, at);
}

function item(target: Bound, type: CsType, index: number, at: number): Bound {
  const emit = (): Code => {
    const code = target.emit();
    return (frame) => (code(frame) as { readonly items: readonly unknown[] }).items[index];
  };
  if (target.type.kind !== "tuple") return valueOf(type, at, emit);
  return {
    ...valueOf(type, at, emit),
    place: {
      parts: () => [target.emit()],
      get: (_frame, [tuple]) => (tuple as { readonly items: readonly unknown[] }).items[index],
      set: (_frame, [tuple], value) => {
        (tuple as { items: unknown[] }).items[index] = value;
      },
    },
  };
}

function property(binder: Binder, target: Bound, { member, bindings }: Candidate, name: string, at: number): Bound {
  note(binder, member.owner.id, name);
  const type = substitute(member.returns, bindings);
  const isChecked = !isValueType(target.type);
  const value = valueOf(type, at, () => emitInvoke(member, bindings, target.emit(), [], isChecked));
  const [setter] = membersOf(binder, target.type, name, "setters");
  if (setter === undefined) return value;
  const get = member.run as unknown as (self: unknown) => unknown;
  const set = setter.member.run as unknown as (self: unknown, value: unknown) => void;
  return {
    ...value,
    place: {
      parts: () => [notNull(target.emit())],
      get: (_frame, [self]) => get(self),
      set: (_frame, [self], next) => set(self, next),
    },
  };
}

/** Which bodies an expression may read, so that they can be buffered before it runs. */
function note(binder: Binder, owner: string, name: string): void {
  if (owner === "IRequest" && name === "Body") binder.reads.request = true;
  if (owner === "IProxyRequestContext" && name === "Response") binder.reads.response = true;
  if (owner === "IResponse" && name === "Body") binder.reads.responseBody = true;
}
