import { isReadable } from "#notation/csharp/context/body.ts";
import type { Argument as ArgumentSyntax, Expr, Parameter } from "#notation/csharp/syntax/ast.ts";
import { CsharpProblem } from "#notation/csharp/syntax/problem.ts";
import { type CsType, isValueType, show, substitute } from "#notation/csharp/type/cs-type.ts";
import { defaultOf } from "#notation/csharp/type/runtime-type.ts";
import { NetArray } from "#notation/csharp/value/net-array.ts";
import { step } from "#notation/csharp/value/run.ts";
import { type Argument, argumentOf, bindArguments } from "./arguments.ts";
import type { Binder } from "./binder.ts";
import type { Bound, Candidate, Code, Frame, MethodGroup, Operand } from "./bound.ts";
import { valueOf } from "./bound.ts";
import { delegateShape } from "./delegate.ts";
import { emitInvoke, notNull } from "./invoke.ts";
import { type Applicable, resolveOverload } from "./overload.ts";
import { outTarget } from "./out-argument.ts";

/** `target(args)`. */
export function bindCall(binder: Binder, target: Operand, syntax: readonly ArgumentSyntax[], at: number): Bound {
  if (target.kind === "group") return callGroup(binder, target, bindArguments(binder, syntax));
  if (target.kind !== "value") return binder.fail("this cannot be called", at);
  if (target.late !== undefined) {
    return binder.rules.dynamicCall(
      binder,
      target.late,
      syntax.map(({ value }) => binder.value(value)),
      at,
    );
  }
  const shape = delegateShape(target.type);
  if (shape === undefined) return binder.fail(`'${show(target.type)}' cannot be called`, at);
  const values =
    target.parameters === undefined ? syntax.map(({ value }) => value) : inOrder(target.parameters, syntax);
  if (values === undefined || shape.parameters.length !== values.length) {
    return binder.fail(`this takes ${shape.parameters.length} arguments`, at);
  }
  const args = values.map((value, index) => binder.converted(value, shape.parameters[index] as CsType));
  return valueOf(shape.returns, at, () => {
    const called = notNull(target.emit());
    const codes = args.map((argument) => argument.emit());
    return (frame) => {
      step();
      return (called(frame) as (...values: unknown[]) => unknown)(...codes.map((code) => code(frame)));
    };
  });
}

/** Arguments of a local function in the order of its parameters, with defaults; undefined where they do not fit. */
function inOrder(parameters: readonly Parameter[], syntax: readonly ArgumentSyntax[]): readonly Expr[] | undefined {
  const isKnown = ({ name }: ArgumentSyntax): boolean =>
    name === null || parameters.some((parameter) => parameter.name === name);
  if (syntax.length > parameters.length || !syntax.every(isKnown)) return undefined;
  const values = parameters.map((parameter, index) => {
    const named = syntax.find((argument) => argument.name === parameter.name);
    const placed = syntax[index];
    return named?.value ?? (placed?.name === null ? placed.value : undefined) ?? parameter.initial ?? undefined;
  });
  return values.every((value) => value !== undefined) ? values : undefined;
}

export function callGroup(binder: Binder, group: MethodGroup, args: readonly Argument[]): Bound {
  const { receiver, typeArgs } = group;
  const direct = resolveOverload(binder, group.candidates, args, typeArgs);
  if (direct !== undefined && !(direct instanceof CsharpProblem)) {
    const isInstance = !direct.mapping.member.isStatic;
    return emitApplicable(binder, direct, args, isInstance ? receiver : null, group.at);
  }
  if (receiver !== null && group.extensions.length > 0) {
    const all = [argumentOf(receiver), ...args];
    const found = resolveOverload(binder, group.extensions, all, typeArgs);
    if (found !== undefined && !(found instanceof CsharpProblem)) {
      return emitApplicable(binder, found, all, null, group.at);
    }
    return fail(binder, group, args, direct ?? found);
  }
  return fail(binder, group, args, direct);
}

function fail(
  binder: Binder,
  group: MethodGroup,
  args: readonly Argument[],
  problem: CsharpProblem | undefined,
): never {
  const count = group.candidates.length + group.extensions.length;
  const isInside = problem !== undefined && !args.some((argument) => argument.at === problem.offset);
  if (problem !== undefined && (count === 1 || isInside)) throw problem;
  const given = args.map(({ operand }) => (operand.kind === "value" ? show(operand.type) : "…")).join(", ");
  const owner = group.receiver === null ? "" : `'${show(group.receiver.type)}' has `;
  return binder.fail(`${owner}no '${group.name}' that takes (${given})`, group.at);
}

function checkReading(binder: Binder, type: CsType | undefined, at: number): void {
  if (type === undefined || isReadable(type)) return;
  const known = "string, byte[], JToken, JObject, JArray, XNode, XElement, XDocument";
  binder.fail(`a body cannot be read as '${show(type)}': it can as ${known}`, at);
}

/** The call of what overload resolution has found. */
export function emitApplicable(
  binder: Binder,
  { mapping, bindings, types }: Applicable,
  args: readonly Argument[],
  receiver: Bound | null,
  at: number,
): Bound {
  const { member } = mapping;
  if (member.name === "As" && member.owner.id === "IMessageBody") checkReading(binder, bindings.get("T"), at);
  const settled = args.map((argument, index) => settleArgument(binder, argument, types[index] as CsType));
  const emit = (): Code => {
    const codes = member.parameters.map((parameter, index): Code => {
      const taken = (mapping.taken[index] ?? []).map((position) => (settled[position] as Settled).emit());
      if (mapping.isExpanded && parameter.isParams) return paramsArray(substitute(parameter.type, bindings), taken);
      return taken[0] ?? defaultArgument(parameter.initial, substitute(parameter.type, bindings));
    });
    const isNullChecked = receiver !== null && (receiver.type.kind === "null" || !isValueType(receiver.type));
    const call = emitInvoke(member, bindings, receiver === null ? null : receiver.emit(), codes, isNullChecked);
    const writes = settled.flatMap((argument) => argument.write?.() ?? []);
    return writes.length === 0 ? call : writing(call, writes);
  };
  return valueOf(substitute(member.returns, bindings), at, emit);
}

interface Settled {
  emit(): Code;
  /** For `out`: takes what was written to where it belongs. */
  readonly write?: () => (frame: Frame) => void;
}

function settleArgument(binder: Binder, argument: Argument, type: CsType): Settled {
  if (argument.isOut) return outTarget(binder, argument, type);
  const { operand } = argument;
  return binder.convert(operand.kind === "value" ? operand : binder.rules.settle(binder, operand, type), type);
}

function writing(call: Code, writes: readonly ((frame: Frame) => void)[]): Code {
  return (frame) => {
    const result = call(frame);
    for (const write of writes) write(frame);
    return result;
  };
}

function paramsArray(type: CsType, items: readonly Code[]): Code {
  const element = type.kind === "array" ? type.element : type;
  return (frame) =>
    new NetArray(
      element,
      items.map((item) => item(frame)),
    );
}

function defaultArgument(initial: unknown, type: CsType): Code {
  const value = initial ?? defaultOf(type);
  return () => value;
}

/** `new T(args)`. */
export function bindConstruct(binder: Binder, type: CsType, syntax: readonly ArgumentSyntax[], at: number): Bound {
  if (type.kind !== "named") return binder.fail(`'${show(type)}' cannot be made with 'new'`, at);
  if (delegateShape(type) !== undefined) return bindDelegate(binder, type, syntax, at);
  const { def } = type;
  const bindings = new Map(def.parameters.map((name, index) => [name, type.args[index] as CsType]));
  const candidates: readonly Candidate[] = def.constructors.map((member) => ({ member, bindings }));
  if (
    syntax.length === 0 &&
    def.kind === "struct" &&
    !candidates.some(({ member }) => member.parameters.length === 0)
  ) {
    return valueOf(type, at, () => () => defaultOf(type));
  }
  if (candidates.length === 0)
    return binder.fail(`'${show(type)}' cannot be made with 'new' in a policy expression`, at);
  const args = bindArguments(binder, syntax);
  const found = resolveOverload(binder, candidates, args, []);
  if (found === undefined || found instanceof CsharpProblem) {
    if (found !== undefined && candidates.length === 1) throw found;
    const given = args.map(({ operand }) => (operand.kind === "value" ? show(operand.type) : "…")).join(", ");
    return binder.fail(`no constructor of '${show(type)}' takes (${given})`, at);
  }
  return { ...emitApplicable(binder, found, args, null, at), type };
}

/** `new Func<int, int>(n => n + 1)` is what it is made of. */
function bindDelegate(binder: Binder, type: CsType, syntax: readonly ArgumentSyntax[], at: number): Bound {
  const [only] = syntax;
  if (only === undefined || syntax.length > 1) return binder.fail(`'${show(type)}' is made of one function`, at);
  return { ...binder.converted(only.value, type), type };
}
