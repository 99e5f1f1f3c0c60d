import { GatewayError } from "#model/errors.ts";
import type { Argument, PolicyNode, Value } from "#model/policy-tree.ts";
import { catalogue } from "#notation/catalogue/catalogue.ts";
import { isValue } from "./values.ts";

/** The argument of a node, or the catalogue's default for it. */
export function argumentOf(node: PolicyNode, name: string): Argument | undefined {
  const given = node.args[name];
  if (given !== undefined) return given;
  const value = catalogue.get(node.name)?.args[name]?.default;
  return value === undefined ? undefined : { kind: "literal", value };
}

export function optionalValue(node: PolicyNode, name: string): Value | undefined {
  const argument = argumentOf(node, name);
  return isValue(argument) ? argument : undefined;
}

/** @throws GatewayError `definition-invalid`: the tree was checked against the catalogue, so this is a bug */
export function requiredValue(node: PolicyNode, name: string): Value {
  const value = optionalValue(node, name);
  if (value !== undefined) return value;
  throw new GatewayError("definition-invalid", 500, `${node.name} lacks ${name}`);
}

/** A literal text, or undefined when absent or empty. */
export function literalText(node: PolicyNode, name: string): string | undefined {
  const value = optionalValue(node, name);
  return value?.kind === "literal" && value.value !== "" ? String(value.value) : undefined;
}

export function literalFlag(node: PolicyNode, name: string): boolean {
  const value = optionalValue(node, name);
  return value?.kind === "literal" && value.value === true;
}

export function literalNumber(node: PolicyNode, name: string): number {
  const value = requiredValue(node, name);
  if (value.kind === "literal" && typeof value.value === "number") return value.value;
  throw new GatewayError("definition-invalid", 500, `${node.name}: ${name} is no number`);
}

export function listOf(argument: Argument | undefined): readonly Argument[] {
  return argument?.kind === "list" ? argument.items : [];
}

export function policiesOf(argument: Argument | undefined): readonly PolicyNode[] {
  return argument?.kind === "policies" ? argument.policies : [];
}

/** Values of a list argument. */
export function valuesOf(node: PolicyNode, name: string): readonly Value[] {
  return listOf(argumentOf(node, name)).filter(isValue);
}

/** Texts of a list argument that holds literals only. */
export function literalTexts(node: PolicyNode, name: string): readonly string[] {
  return valuesOf(node, name).map((value) => (value.kind === "literal" ? String(value.value) : ""));
}
