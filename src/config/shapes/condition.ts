import type { Expression } from "#model/policy-tree.ts";
import { bodyReads } from "#notation/cel/body-reads.ts";
import { readCondition } from "#notation/policies/condition.ts";
import type { PolicyReading } from "#notation/policies/policy-reading.ts";
import type { Slot } from "#notation/yaml/slot.ts";
import type { Shape } from "./shape.ts";

/** CEL that gives a bool, or `true` and `false`. */
export const condition: Shape<Expression> = {
  schema: { type: ["string", "boolean"], description: "CEL that gives a bool." },
  read: readConditionExpression,
};

/** Who may call is decided before a byte of the body is read. */
function withoutBody(reading: PolicyReading, expression: Expression): Expression | undefined {
  const reads = bodyReads(expression.source);
  if (!reads.request && !reads.response) return expression;
  const fix = "let a policy of inbound look into it, such as choose with return-response";
  reading.problems.error("expression-misplaced", expression.at, "this condition cannot read a body", fix);
  return undefined;
}

export function readConditionExpression(reading: PolicyReading, slot: Slot): Expression | undefined {
  const read = readCondition(reading, slot);
  if (read?.kind === "expression") return withoutBody(reading, read.expression);
  if (read?.kind !== "literal") return undefined;
  return { language: "cel", source: String(read.value === true), at: slot.at };
}
