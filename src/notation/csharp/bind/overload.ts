import { type Conversion, implicitConversion } from "#notation/csharp/type/conversions.ts";
import { type CsType, isOpen, show, substitute } from "#notation/csharp/type/cs-type.ts";
import { CsharpProblem } from "#notation/csharp/syntax/problem.ts";
import type { Argument } from "./arguments.ts";
import { lambdaOf, type Mapping, mappings, parameterTypeFor } from "./arguments.ts";
import type { Binder } from "./binder.ts";
import type { Candidate } from "./bound.ts";
import { delegateShape } from "./delegate.ts";
import { inferTypes } from "./infer.ts";
import { groupAsDelegate } from "./method-group.ts";

/** A method that takes the arguments. */
export interface Applicable {
  readonly mapping: Mapping;
  readonly bindings: ReadonlyMap<string, CsType>;
  /** For each argument: the type that it becomes. */
  readonly types: readonly CsType[];
}

/** The best method for the arguments (C# 7, §11.6.4), or why there is none. */
export function resolveOverload(
  binder: Binder,
  candidates: readonly Candidate[],
  args: readonly Argument[],
  typeArgs: readonly CsType[],
): Applicable | CsharpProblem | undefined {
  const applicable: Applicable[] = [];
  let problem: CsharpProblem | undefined;
  for (const candidate of candidates) {
    if (typeArgs.length > 0 && candidate.member.typeParameters.length !== typeArgs.length) continue;
    for (const mapping of mappings(candidate.member, args)) {
      try {
        const found = apply(binder, mapping, candidate.bindings, args, typeArgs);
        if (found instanceof CsharpProblem) problem ??= found;
        else applicable.push(found);
      } catch (error) {
        // The body of a lambda does not fit this overload's parameters; another overload may do.
        if (!(error instanceof CsharpProblem)) throw error;
        problem = error;
      }
    }
  }
  return applicable.length === 0 ? problem : best(binder, applicable, args);
}

function apply(
  binder: Binder,
  mapping: Mapping,
  owner: ReadonlyMap<string, CsType>,
  args: readonly Argument[],
  typeArgs: readonly CsType[],
): Applicable | CsharpProblem {
  const { member } = mapping;
  const given = new Map([
    ...owner,
    ...member.typeParameters.map((name, index) => [name, typeArgs[index] as CsType] as const),
  ]);
  const bindings =
    member.typeParameters.length === 0 || typeArgs.length > 0 ? given : inferTypes(binder, mapping, owner, args);
  if (bindings === undefined) {
    return new CsharpProblem(`the type arguments of '${member.name}' cannot be inferred here`, args[0]?.at ?? 0);
  }
  const types: CsType[] = args.map(() => member.returns);
  for (const [index, parameter] of member.parameters.entries()) {
    const type = substitute(parameterTypeFor(parameter, mapping.isExpanded), bindings);
    for (const position of mapping.taken[index] ?? []) {
      const argument = args[position] as Argument;
      if (!fits(binder, argument, type)) return mismatch(argument, type, parameter.name);
      types[position] = type;
    }
  }
  return { mapping, bindings, types };
}

function mismatch({ operand, at }: Argument, type: CsType, name: string): CsharpProblem {
  const given = operand.kind === "value" ? `'${show(operand.type)}'` : "this";
  return new CsharpProblem(`${given} does not convert to '${show(type)}', which '${name}' takes`, at);
}

/** Could the argument be given where that type is taken? */
function fits(binder: Binder, argument: Argument, type: CsType): boolean {
  const { operand } = argument;
  if (isOpen(type)) return false;
  if (operand.kind === "value") return conversionOf(argument, type) !== undefined;
  if (operand.kind === "group") {
    const shape = delegateShape(type);
    return shape !== undefined && groupAsDelegate(operand, type, shape.parameters, shape.returns) !== undefined;
  }
  const lambda = lambdaOf(argument);
  if (lambda === undefined) return true;
  const shape = delegateShape(type);
  if (shape === undefined || shape.parameters.length !== lambda.parameters.length) return false;
  binder.rules.lambda(binder, lambda, shape.parameters, shape.returns);
  return true;
}

function conversionOf({ operand, isOut }: Argument, type: CsType): Conversion | undefined {
  if (operand.kind !== "value") return undefined;
  if (isOut) return operand.type.key === type.key ? { kind: "identity", convert: null } : undefined;
  return implicitConversion(operand.type, type, operand.constant);
}

function best(binder: Binder, applicable: readonly Applicable[], args: readonly Argument[]): Applicable {
  let winner = applicable[0] as Applicable;
  for (const candidate of applicable.slice(1)) if (isBetter(binder, candidate, winner, args)) winner = candidate;
  return winner;
}

/** Is `a` better for some argument and `b` for none, or else the more special one? */
function isBetter(binder: Binder, a: Applicable, b: Applicable, args: readonly Argument[]): boolean {
  let score = 0;
  for (const [index, argument] of args.entries()) {
    const better = compareTargets(binder, argument, a.types[index] as CsType, b.types[index] as CsType);
    if (better < 0) return false;
    score += better;
  }
  if (score > 0) return true;
  return specialty(a) > specialty(b);
}

/** 1: the first type is the better one for this argument; -1: the second; 0: neither. */
function compareTargets(binder: Binder, argument: Argument, a: CsType, b: CsType): number {
  if (a.key === b.key) return 0;
  const { operand } = argument;
  if (operand.kind === "value") {
    if (operand.type.key === a.key) return 1;
    if (operand.type.key === b.key) return -1;
    return betterTarget(a, b);
  }
  const lambda = lambdaOf(argument);
  const left = delegateShape(a);
  const right = delegateShape(b);
  if (lambda === undefined || left === undefined || right === undefined) return betterTarget(a, b);
  if (left.parameters.some((type, index) => type.key !== right.parameters[index]?.key)) return 0;
  const given = binder.rules.lambda(binder, lambda, left.parameters, null).returns;
  if (given.key === left.returns.key) return 1;
  if (given.key === right.returns.key) return -1;
  return betterTarget(left.returns, right.returns);
}

function betterTarget(a: CsType, b: CsType): number {
  if (a.kind === "void" || b.kind === "void") return a.kind === b.kind ? 0 : a.kind === "void" ? -1 : 1;
  const forth = implicitConversion(a, b) !== undefined;
  const back = implicitConversion(b, a) !== undefined;
  if (forth !== back) return forth ? 1 : -1;
  return signed.has(a.key) && unsigned.has(b.key) ? 1 : signed.has(b.key) && unsigned.has(a.key) ? -1 : 0;
}

const signed: ReadonlySet<string> = new Set(["SByte", "Int16", "Int32", "Int64"]);
const unsigned: ReadonlySet<string> = new Set(["Byte", "UInt16", "UInt32", "UInt64"]);

function specialty({ mapping }: Applicable): number {
  const { member, isExpanded, taken } = mapping;
  const defaults = taken.filter((indexes) => indexes.length === 0).length;
  const openness = member.parameters.filter((parameter) => parameter.type.kind === "parameter").length;
  return (member.typeParameters.length === 0 ? 1000 : 0) + (isExpanded ? 0 : 500) - defaults * 10 - openness;
}
