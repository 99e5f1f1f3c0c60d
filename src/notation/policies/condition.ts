import type { Value } from "#model/policy-tree.ts";
import { refusePlaceholders } from "#notation/yaml/fill.ts";
import { readRaw } from "#notation/yaml/scalars.ts";
import type { Slot } from "#notation/yaml/slot.ts";
import { readExpression } from "./expression.ts";
import type { PolicyReading } from "./policy-reading.ts";

type ConditionReading = Pick<PolicyReading, "file" | "problems" | "values" | "checkCel">;

/** Reads a condition: `true`, `false`, or CEL that gives a boolean. */
export function readCondition(reading: ConditionReading, slot: Slot): Value | undefined {
  const raw = readRaw(reading, slot, "a condition in CEL");
  if (raw === undefined) return undefined;
  if (typeof raw.value === "boolean") return { kind: "literal", value: raw.value };
  if (refusePlaceholders(reading, raw.text, slot.at, "a condition")) return undefined;
  if (raw.text.trimStart().startsWith("${")) {
    const fix = "write the CEL without ${ and }";
    reading.problems.error("cel-invalid", slot.at, "a condition is CEL already", fix);
    return undefined;
  }
  const expression = readExpression(reading, slot, raw.text, 0, "bool");
  return expression === undefined ? undefined : { kind: "expression", expression };
}
