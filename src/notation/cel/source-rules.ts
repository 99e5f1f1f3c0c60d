import type { ASTNode } from "@marcbachmann/cel-js";
import { nullableFields } from "./environment.ts";
import { maxComprehensionDepth, maxDurationLength } from "./limits.ts";

/** A problem of an expression: what, and where in its source (counted in UTF-16 units from 0). */
export interface CelProblem {
  readonly message: string;
  readonly offset: number;
}

const comprehensions: ReadonlySet<string> = new Set(["all", "exists", "exists_one", "map", "filter"]);

/** Rules beyond the library's: what its type checker cannot see, and what would let a client make it slow. */
export function sourceProblem(node: ASTNode, depth: number = 0): CelProblem | undefined {
  const own = durationProblem(node) ?? fieldProblem(node);
  if (own !== undefined) return own;
  const inside = isComprehension(node) ? depth + 1 : depth;
  if (inside > maxComprehensionDepth) {
    return { message: `at most ${maxComprehensionDepth} comprehensions inside each other`, offset: node.start };
  }
  return firstProblem(node.args, inside);
}

function firstProblem(args: unknown, depth: number): CelProblem | undefined {
  if (Array.isArray(args)) {
    for (const arg of args) {
      const problem = firstProblem(arg, depth);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }
  return isNode(args) ? sourceProblem(args, depth) : undefined;
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === "object" && value !== null && "op" in value && "args" in value;
}

function isComprehension(node: ASTNode): boolean {
  return node.op === "rcall" && comprehensions.has(node.args[0]);
}

/** The library parses durations with a backtracking pattern, cubic in the length: never on a client's text. */
function durationProblem(node: ASTNode): CelProblem | undefined {
  if (node.op !== "call" || node.args[0] !== "duration") return undefined;
  const argument = node.args[1][0];
  if (argument?.op === "value" && typeof argument.args === "string" && argument.args.length <= maxDurationLength) {
    return undefined;
  }
  return { message: 'duration() takes a short literal, such as "90s"', offset: node.start };
}

function fieldProblem(node: ASTNode): CelProblem | undefined {
  if (node.op !== "." && node.op !== ".?") return undefined;
  const [target, field] = node.args;
  const fields = target.op === "id" ? nullableFields.get(target.args) : undefined;
  if (fields === undefined || Object.hasOwn(fields, field)) return undefined;
  return { message: `No such field: ${String(target.args)}.${field}`, offset: target.start };
}
