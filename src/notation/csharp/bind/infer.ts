import { implicitConversion } from "#notation/csharp/type/conversions.ts";
import { type CsType, isOpen, substitute } from "#notation/csharp/type/cs-type.ts";
import { instanceOf } from "#notation/csharp/type/subtype.ts";
import type { Binder } from "./binder.ts";
import type { Bound, MethodGroup, Untyped } from "./bound.ts";
import { type Argument, lambdaOf, type Mapping, parameterTypeFor } from "./arguments.ts";
import { returnOfGroup } from "./method-group.ts";

/**
 * Finds the type arguments of a generic method (C# 7, §11.6.3): first from arguments with a type, then from what
 * lambdas give once the types of their parameters are known.
 * @returns undefined where one cannot be found
 */
export function inferTypes(
  binder: Binder,
  mapping: Mapping,
  owner: ReadonlyMap<string, CsType>,
  args: readonly Argument[],
): ReadonlyMap<string, CsType> | undefined {
  const { member } = mapping;
  const found = new Map(owner);
  const pending: (readonly [argument: Argument, parameter: CsType])[] = [];
  for (const [index, parameter] of member.parameters.entries()) {
    const type = parameterTypeFor(parameter, mapping.isExpanded);
    for (const position of mapping.taken[index] ?? []) {
      const argument = args[position] as Argument;
      const { operand } = argument;
      const declared = declaredType(binder, argument);
      if (declared !== null) unify(type, declared, found);
      else if (operand.kind === "value") unify(type, operand.type, found);
      else pending.push([argument, type]);
    }
  }
  while (
    pending.some((entry, index) => inferFromFunction(binder, entry[0], entry[1], found) && pending.splice(index, 1))
  ) {
    // Each turn may make the parameters of another lambda known.
  }
  return member.typeParameters.every((name) => found.has(name)) ? found : undefined;
}

/** The type of `out T x`. */
function declaredType(binder: Binder, { syntax }: Argument): CsType | null {
  return syntax?.kind === "declaration" && syntax.type !== null ? binder.resolve(syntax.type) : null;
}

/** Makes `parameter` equal to `type` where type parameters stand in it. */
export function unify(parameter: CsType, type: CsType, found: Map<string, CsType>): void {
  if (type.kind === "null" || type.kind === "void") return;
  if (parameter.kind === "parameter") bind(parameter.name, type, found);
  else if (parameter.kind === "array" && type.kind === "array") unify(parameter.element, type.element, found);
  else if (parameter.kind === "nullable") unify(parameter.of, type.kind === "nullable" ? type.of : type, found);
  else if (parameter.kind === "tuple" && type.kind === "tuple") {
    for (const [index, element] of parameter.elements.entries()) {
      const given = type.elements[index];
      if (given !== undefined) unify(element, given, found);
    }
  } else if (parameter.kind === "named" && isOpen(parameter)) {
    const instance = type.kind === "dynamic" ? undefined : instanceOf(type, parameter.def);
    for (const [index, arg] of parameter.args.entries()) {
      const given = instance?.args[index];
      if (given !== undefined) unify(arg, given, found);
    }
  }
}

/** The wider of two candidates stands. */
function bind(name: string, type: CsType, found: Map<string, CsType>): void {
  const before = found.get(name);
  if (before === undefined || implicitConversion(before, type) !== undefined) found.set(name, type);
}

function inferFromFunction(binder: Binder, argument: Argument, parameter: CsType, found: Map<string, CsType>): boolean {
  if (parameter.kind !== "named") return false;
  const { invoke } = parameter.def;
  if (invoke === null) return false;
  const names = new Map(parameter.def.parameters.map((name, index) => [name, parameter.args[index] as CsType]));
  const inputs = invoke.parameters.map((type) => substitute(substitute(type, names), found));
  const output = substitute(invoke.returns, names);
  const { operand } = argument;
  if (operand.kind === "untyped" && operand.syntax.kind === "lambda") {
    for (const [index, { type }] of operand.syntax.parameters.entries()) {
      if (type !== null && inputs[index] !== undefined) unify(inputs[index], binder.resolve(type), found);
    }
  }
  const known = inputs.map((type) => substitute(type, found));
  if (known.some(isOpen)) return false;
  const given = returnOf(binder, operand, argument, known);
  if (given === undefined) return false;
  unify(output, given, found);
  return true;
}

function returnOf(
  binder: Binder,
  operand: Bound | MethodGroup | Untyped,
  argument: Argument,
  inputs: readonly CsType[],
): CsType | undefined {
  if (operand.kind === "group") return returnOfGroup(binder, operand, inputs);
  const lambda = lambdaOf(argument);
  if (lambda === undefined || lambda.parameters.length !== inputs.length) return undefined;
  return binder.rules.lambda(binder, lambda, inputs, null).returns;
}
