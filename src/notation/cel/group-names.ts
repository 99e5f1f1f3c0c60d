import type { ASTNode } from "@marcbachmann/cel-js";
import { parseCel } from "./parse.ts";

/**
 * What an expression compares the principal's groups with: the texts of `"staff" in principal.groups`, and of whatever
 * else stands in one condition with `principal.groups`. A computed name is not seen.
 */
export function groupNames(source: string): readonly string[] {
  const parsed = parseCel(source);
  return parsed.ok ? [...new Set(conditions(parsed.expression.ast).filter(readsGroups).flatMap(textsIn))] : [];
}

const joins: ReadonlySet<string> = new Set(["&&", "||", "!_", "?:"]);

/** The parts that are joined by nothing but logic. */
function conditions(node: ASTNode): readonly unknown[] {
  if (!joins.has(node.op)) return [node];
  const { args } = node as { readonly args: unknown };
  return (Array.isArray(args) ? args : [args]).flatMap((one) => conditions(one as ASTNode));
}

function readsGroups(node: unknown): boolean {
  if (Array.isArray(node)) return node.some(readsGroups);
  if (!isNode(node)) return false;
  if (node.op === ".") {
    const [target, field] = node.args as readonly [ASTNode, unknown];
    if (field === "groups" && target.op === "id" && target.args === "principal") return true;
  }
  return readsGroups(node.args);
}

function textsIn(node: unknown): readonly string[] {
  if (Array.isArray(node)) return node.flatMap(textsIn);
  if (!isNode(node)) return [];
  return node.op === "value" && typeof node.args === "string" ? [node.args] : textsIn(node.args);
}

function isNode(node: unknown): node is ASTNode {
  return typeof node === "object" && node !== null && "op" in node;
}
