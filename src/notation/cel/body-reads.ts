import type { ASTNode } from "@marcbachmann/cel-js";
import { parseCel } from "./parse.ts";

const bodyFields: ReadonlySet<unknown> = new Set(["body", "json"]);

/** What has to be in memory before the expression runs. A source that does not parse reads nothing: it never runs. */
export function bodyReads(source: string): { readonly request: boolean; readonly response: boolean } {
  const found = { request: false, response: false };
  const parsed = parseCel(source);
  if (parsed.ok) visit(parsed.expression.ast, found);
  return found;
}

/** Whether the expression looks at the response at all. */
export function readsResponse(source: string): boolean {
  const parsed = parseCel(source);
  return parsed.ok && namesResponse(parsed.expression.ast);
}

function namesResponse(node: unknown): boolean {
  if (Array.isArray(node)) return node.some(namesResponse);
  if (typeof node !== "object" || node === null || !("op" in node)) return false;
  const { op, args } = node as ASTNode;
  return op === "id" ? args === "response" : namesResponse(args);
}

function visit(node: unknown, found: { request: boolean; response: boolean }): void {
  if (Array.isArray(node)) {
    for (const one of node) visit(one, found);
    return;
  }
  if (typeof node !== "object" || node === null || !("op" in node)) return;
  const { op, args } = node as ASTNode;
  if (op === "." || op === ".?" || op === "[]" || op === "[?]") note(args, op.startsWith("["), found);
  visit(args, found);
}

/** `request.json`; with an index the field may be computed. */
function note(args: unknown, computed: boolean, found: { request: boolean; response: boolean }): void {
  const [target, field] = args as [ASTNode, unknown];
  if (target.op !== "id" || !(computed || bodyFields.has(field))) return;
  if (target.args === "request" || target.args === "response") found[target.args] = true;
}
