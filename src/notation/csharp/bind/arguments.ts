import type { Argument as ArgumentSyntax, Expr, Lambda } from "#notation/csharp/syntax/ast.ts";
import type { MemberDef, ParameterDef } from "#notation/csharp/type/type-def.ts";
import type { CsType } from "#notation/csharp/type/cs-type.ts";
import type { Binder } from "./binder.ts";
import type { Bound, MethodGroup, Operand, Untyped } from "./bound.ts";

/** An argument, bound as far as it can be without its parameter. */
export interface Argument {
  readonly name: string | null;
  readonly isOut: boolean;
  readonly at: number;
  readonly syntax: Expr | null;
  readonly operand: Bound | MethodGroup | Untyped;
}

export function bindArguments(binder: Binder, args: readonly ArgumentSyntax[]): Argument[] {
  return args.map((argument) => ({
    name: argument.name,
    isOut: argument.modifier !== null && argument.modifier !== "in",
    at: argument.start,
    syntax: argument.value,
    operand: bindArgument(binder, argument),
  }));
}

function bindArgument(binder: Binder, { value, modifier }: ArgumentSyntax): Bound | MethodGroup | Untyped {
  if (modifier === "ref") binder.fail("'ref' is not supported", value.start);
  if (value.kind === "declaration") return { kind: "untyped", what: "out", syntax: value, at: value.start };
  return asArgument(binder, binder.operand(value));
}

export function asArgument(binder: Binder, operand: Operand): Bound | MethodGroup | Untyped {
  if (operand.kind === "type" || operand.kind === "namespace") {
    return binder.rules.settle(binder, operand, null);
  }
  return operand;
}

export function argumentOf(bound: Bound): Argument {
  return { name: null, isOut: false, at: bound.at, syntax: null, operand: bound };
}

export function lambdaOf(argument: Argument): Lambda | undefined {
  const { operand } = argument;
  return operand.kind === "untyped" && operand.syntax.kind === "lambda" ? operand.syntax : undefined;
}

/** Which argument each parameter gets. */
export interface Mapping {
  readonly member: MemberDef;
  /** For each parameter: its arguments' indexes. Several for `params` only; none: the default. */
  readonly taken: readonly (readonly number[])[];
  /** The `params` array is made of the arguments behind. */
  readonly isExpanded: boolean;
}

/** The ways to give the arguments to the parameters: as they are, and with a `params` array made of the rest. */
export function mappings(member: MemberDef, args: readonly Argument[]): readonly Mapping[] {
  const found: Mapping[] = [];
  const normal = map(member, args, false);
  if (normal !== undefined) found.push(normal);
  if (member.parameters.at(-1)?.isParams === true) {
    const expanded = map(member, args, true);
    if (expanded !== undefined) found.push(expanded);
  }
  return found;
}

function map(member: MemberDef, args: readonly Argument[], isExpanded: boolean): Mapping | undefined {
  const { parameters } = member;
  const taken: number[][] = parameters.map(() => []);
  for (const [index, argument] of args.entries()) {
    const position = positionOf(parameters, argument, index, isExpanded);
    const slot = taken[position];
    const parameter = parameters[position];
    if (slot === undefined || parameter === undefined || argument.isOut !== parameter.isOut) return undefined;
    if (slot.length > 0 && !(isExpanded && position === parameters.length - 1)) return undefined;
    slot.push(index);
  }
  const isMissing = (parameter: ParameterDef, index: number): boolean =>
    taken[index]?.length === 0 && !parameter.isOptional && !(isExpanded && parameter.isParams);
  return parameters.some(isMissing) ? undefined : { member, taken, isExpanded };
}

function positionOf(
  parameters: readonly ParameterDef[],
  argument: Argument,
  index: number,
  isExpanded: boolean,
): number {
  if (argument.name !== null) return parameters.findIndex((parameter) => parameter.name === argument.name);
  return isExpanded ? Math.min(index, parameters.length - 1) : index;
}

/** The type that an argument of this parameter has to have. */
export function parameterTypeFor(parameter: ParameterDef, isExpanded: boolean): CsType {
  return isExpanded && parameter.isParams && parameter.type.kind === "array" ? parameter.type.element : parameter.type;
}
