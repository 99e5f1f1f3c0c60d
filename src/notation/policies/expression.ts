import type { Expression } from "#model/policy-tree.ts";
import { innerPosition } from "#notation/yaml/inner-position.ts";
import type { Slot } from "#notation/yaml/slot.ts";
import type { PolicyReading } from "./policy-reading.ts";

/**
 * Checks a CEL source that stands in a scalar, `offset` characters from its start.
 * @returns undefined, and reported at the very character, when it does not check
 */
export function readExpression(
  { file, problems, checkCel }: Pick<PolicyReading, "file" | "problems" | "checkCel">,
  slot: Slot,
  source: string,
  offset: number,
  expect: "bool" | "any",
): Expression | undefined {
  const wrong = checkCel(source, expect);
  if (wrong === undefined) return { language: "cel", source, at: innerPosition(file, slot, offset) };
  const at = innerPosition(file, slot, offset + Math.min(Math.max(wrong.offset, 0), source.length));
  problems.error("cel-invalid", at, `CEL: ${wrong.message}`);
  return undefined;
}
