import { parseCel } from "./parse.ts";
import type { CelProblem } from "./source-rules.ts";

/**
 * Checks one CEL expression against the declared variables.
 * @param expect `bool` for conditions: any other known type is a problem (a dynamic one is not: it is checked when it runs)
 * @returns the first problem, with its offset in `source`, or undefined
 */
export function checkCel(source: string, expect: "bool" | "any"): CelProblem | undefined {
  const parsed = parseCel(source);
  if (!parsed.ok) return parsed.problem;
  if (expect === "any" || parsed.type === "bool" || parsed.type.startsWith("dyn")) return undefined;
  return { message: `a condition must give a bool, this gives '${parsed.type}'`, offset: 0 };
}
