import type { Expression } from "#model/policy-tree.ts";
import { readCondition } from "#notation/policies/condition.ts";
import type { PolicyReading } from "#notation/policies/policy-reading.ts";
import type { Slot } from "#notation/yaml/slot.ts";
import type { Shape } from "./shape.ts";

/** CEL that gives a bool, or `true` and `false`. */
export const condition: Shape<Expression> = {
  schema: { type: ["string", "boolean"], description: "CEL that gives a bool." },
  read: readConditionExpression,
};

export function readConditionExpression(reading: PolicyReading, slot: Slot): Expression | undefined {
  const read = readCondition(reading, slot);
  if (read?.kind !== "literal") return read?.kind === "expression" ? read.expression : undefined;
  return { language: "cel", source: String(read.value === true), at: slot.at };
}
