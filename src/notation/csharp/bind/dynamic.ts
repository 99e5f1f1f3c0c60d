import { CsharpProblem } from "#notation/csharp/syntax/problem.ts";
import { tokenOf } from "#notation/csharp/json/from-object.ts";
import { JObject, JValue } from "#notation/csharp/json/token.ts";
import { type CsType, dynamicType } from "#notation/csharp/type/cs-type.ts";
import { typeOfValue } from "#notation/csharp/type/runtime-type.ts";
import { NetException, nullReference } from "#notation/csharp/value/net-exception.ts";
import { argumentOf } from "./arguments.ts";
import { Binder } from "./binder.ts";
import { binaryOf } from "./bind-binary.ts";
import { bindMember } from "./bind-name.ts";
import { type Bound, type Code, constantOf, type Frame, type LateMember, valueOf } from "./bound.ts";
import { callGroup } from "./call.ts";

/**
 * `dynamic` binds when it runs, by the same rules and over the same table, to the types that the values then have.
 * What has been bound is kept by those types. A JSON object has its members for members.
 */
function late(
  binder: Binder,
  at: number,
  operands: readonly Code[],
  bind: (inner: Binder, values: readonly Bound[]) => Bound,
): Code {
  const known = new Map<string, Code>();
  const lookup = { lookup: (id: string) => binder.types.get(id) };
  return (frame) => {
    const values = operands.map((operand) => plain(operand(frame)));
    const types = values.map((value) => typeOfValue(value, lookup));
    const key = types.map((type) => type.key).join();
    let code = known.get(key);
    if (code === undefined) known.set(key, (code = bindNow(binder, at, types, bind)));
    return code(values as Frame);
  };
}

function bindNow(
  binder: Binder,
  at: number,
  types: readonly CsType[],
  bind: (inner: Binder, values: readonly Bound[]) => Bound,
): Code {
  try {
    const inner = new Binder(binder.types, binder.rules, null);
    const values = types.map((type, index) =>
      type.kind === "null" ? constantOf(type, at, null) : valueOf(type, at, () => (frame) => frame[index]),
    );
    return bind(inner, values).emit();
  } catch (error) {
    if (error instanceof CsharpProblem) throw new NetException("RuntimeBinderException", error.message);
    throw error;
  }
}

/** A scalar of JSON counts as what it says. */
function plain(value: unknown): unknown {
  return value instanceof JValue ? value.value : value;
}

/** `target.name` of a dynamic value; {@link Bound.late} is what a call of it needs. */
export function dynamicMember(
  binder: Binder,
  target: Bound,
  name: string,
  typeArgs: readonly CsType[],
  at: number,
): Bound {
  const emit = (): Code => {
    const code = target.emit();
    const table = late(binder, at, [(frame) => frame[0]], (inner, [self]) =>
      inner.rules.settle(inner, bindMember(inner, self as Bound, name, [], at), null),
    );
    return (frame) => {
      const value = code(frame);
      if (value === null || value === undefined) throw nullReference();
      if (value instanceof JObject && (value.has(name) || !isOwn(name))) return value.find(name) ?? null;
      return table([value]);
    };
  };
  const set = (self: unknown, value: unknown): void => {
    if (!(self instanceof JObject)) throw new NetException("RuntimeBinderException", `'${name}' cannot be set`);
    self.put(name, tokenOf(value));
  };
  return {
    ...valueOf(dynamicType, at, emit),
    late: { target, name, typeArgs },
    place: { parts: () => [target.emit()], get: undefined, set: (_frame, [self], value) => set(self, value) },
  };
}

/** Members of JObject itself, where no member of the JSON hides them. */
function isOwn(name: string): boolean {
  return ["Count", "First", "Last", "HasValues", "Parent", "Path", "Root", "Type"].includes(name);
}

export function dynamicCall(
  binder: Binder,
  { target, name, typeArgs }: LateMember,
  args: readonly Bound[],
  at: number,
): Bound {
  return valueOf(dynamicType, at, () => {
    const self = target.emit();
    const receiver = (frame: Frame): unknown => {
      const value = self(frame);
      if (value === null || value === undefined) throw nullReference();
      return value;
    };
    return late(binder, at, [receiver, ...args.map((arg) => arg.emit())], (inner, [first, ...values]) => {
      const group = bindMember(inner, first as Bound, name, typeArgs, at, true);
      if (group.kind !== "group") return inner.fail(`'${name}' is no method`, at);
      return callGroup(inner, group, values.map(argumentOf));
    });
  });
}

export function dynamicBinary(binder: Binder, op: string, left: Bound, right: Bound, at: number): Bound {
  const isTest = /^[<>=!]/.test(op);
  return valueOf(isTest ? binder.type("Boolean") : dynamicType, at, () =>
    late(binder, at, [left.emit(), right.emit()], (inner, [a, b]) => binaryOf(inner, op, a as Bound, b as Bound, at)),
  );
}
