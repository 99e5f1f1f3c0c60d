import type { ASTNode } from "@marcbachmann/cel-js";

/** `path` of what is looked at, such as `principal.subject`; a list holds the value among others. */
export interface Equality {
  readonly path: string;
  readonly value: string | bigint;
}

/**
 * What has to hold wherever an expression is true: the `path == "text"` and `"text" in path` that stand in it joined by
 * nothing but `&&`. Whoever looks for records by it may leave out all that lack one.
 */
export function requiredEqualities(ast: ASTNode): readonly Equality[] {
  if (ast.op === "&&") return ast.args.flatMap(requiredEqualities);
  if (ast.op === "==") {
    const [left, right] = ast.args;
    return equality(left, right) ?? equality(right, left) ?? [];
  }
  if (ast.op === "in") return equality(ast.args[1], ast.args[0]) ?? [];
  return [];
}

function equality(place: ASTNode, literal: ASTNode): readonly Equality[] | undefined {
  const path = pathOf(place);
  if (path === undefined || literal.op !== "value") return undefined;
  const { args } = literal;
  if (typeof args !== "string" && typeof args !== "bigint") return undefined;
  return [{ path, value: args }];
}

function pathOf(node: ASTNode): string | undefined {
  if (node.op === "id") return node.args;
  if (node.op !== ".") return undefined;
  const [target, field] = node.args;
  const before = pathOf(target);
  return before === undefined ? undefined : `${before}.${field}`;
}
