import type { ASTNode } from "@marcbachmann/cel-js";
import { parseCel } from "./parse.ts";

/** The approvals that an expression asks for by name: `"payroll" in principal.approvals`. A computed name is not seen. */
export function approvalNames(source: string): readonly string[] {
  const parsed = parseCel(source);
  if (!parsed.ok) return [];
  const found = new Set<string>();
  visit(parsed.expression.ast, found);
  return [...found];
}

function visit(node: unknown, found: Set<string>): void {
  if (Array.isArray(node)) {
    for (const one of node) visit(one, found);
    return;
  }
  if (typeof node !== "object" || node === null || !("op" in node)) return;
  const { op, args } = node as ASTNode;
  if (op === "in") note(args as unknown as readonly [ASTNode, ASTNode], found);
  visit(args, found);
}

function note([name, list]: readonly [ASTNode, ASTNode], found: Set<string>): void {
  if (name.op !== "value" || typeof name.args !== "string" || list.op !== ".") return;
  const [target, field] = list.args as unknown as readonly [ASTNode, unknown];
  if (target.op === "id" && target.args === "principal" && field === "approvals") found.add(name.args);
}
