import type { SourcePosition } from "#model/diagnostic.ts";
import type { Argument, PolicyNode } from "#model/policy-tree.ts";
import { catalogue } from "#notation/catalogue/catalogue.ts";

/** Policies that the definition does not write out, as a reader of the catalogue would have them. */
export function node(name: string, at: SourcePosition, args: Readonly<Record<string, Argument>> = {}): PolicyNode {
  const specs = catalogue.get(name)?.args ?? {};
  const defaults = Object.entries(specs).flatMap(([argument, spec]) =>
    spec.default === undefined || args[argument] !== undefined ? [] : [[argument, literal(spec.default)] as const],
  );
  return { name, at, args: { ...Object.fromEntries(defaults), ...args } };
}

export function literal(value: string | number | boolean): Argument {
  return { kind: "literal", value };
}

export function list(items: readonly Argument[]): Argument {
  return { kind: "list", items };
}

export function texts(values: readonly string[]): Argument {
  return list(values.map(literal));
}

export function map(entries: Readonly<Record<string, Argument>>): Argument {
  return { kind: "map", entries };
}

export function policies(nodes: readonly PolicyNode[]): Argument {
  return { kind: "policies", policies: nodes };
}

export function csharp(source: string, at: SourcePosition): Argument {
  return { kind: "expression", expression: { language: "csharp", source, at } };
}
