import { isScalar, isSeq } from "yaml";
import type { Access, AccessRule } from "#model/definition.ts";
import { suggestion } from "#notation/nearest.ts";
import type { PolicyReading } from "#notation/policies/policy-reading.ts";
import { readEntries, readItems } from "#notation/yaml/collections.ts";
import type { Slot } from "#notation/yaml/slot.ts";
import { reportType } from "#notation/yaml/wrong-type.ts";
import { readConditionExpression } from "./condition.ts";
import type { Shape } from "./shape.ts";

const expected = "public, or a list of rules { allow: … } and { deny: … }";
const effects = ["allow", "deny"] as const;

/** Who may call. Something was said even when it cannot be read, so the result is never `unsaid`. */
export const access: Shape<Access> = {
  schema: { $ref: "#/$defs/access" },
  read: (reading, slot) => {
    if (isScalar(slot.node) && slot.node.value === "public") return { kind: "public" };
    if (!isSeq(slot.node)) {
      reportType(reading, slot, expected);
      return { kind: "rules", rules: [] };
    }
    const items = readItems(reading, slot);
    if (items.length === 0) {
      const fix = "write a rule, write public, or leave access out and put the API into a product";
      reading.problems.error("access-empty", slot.at, "an access list without rules allows nobody", fix);
    }
    const rules = items.map((item) => readRule(reading, item)).filter((rule) => rule !== undefined);
    return { kind: "rules", rules };
  },
};

function readRule(reading: PolicyReading, slot: Slot): AccessRule | undefined {
  const [entry, ...more] = readEntries(reading, slot, "a rule { allow: … } or { deny: … }") ?? [];
  if (entry === undefined) return undefined;
  const effect = effects.find((name) => name === entry.key);
  if (effect === undefined || more.length > 0) {
    const [second] = more;
    const fix =
      effect === undefined
        ? suggestion(entry.key, effects, (name) => `${name}:`)
        : "begin each rule with a dash of its own";
    const message = effect === undefined ? `a rule has no ${entry.key}` : "a rule is either allow or deny";
    reading.problems.error("key-unknown", second?.at ?? entry.at, message, fix);
    return undefined;
  }
  const condition = readConditionExpression(reading, entry.slot);
  return condition === undefined ? undefined : { effect, condition };
}

/** What `$defs/access` says. */
export const accessSchema: Readonly<Record<string, unknown>> = {
  description: "Who may call: public, or rules in CEL. Deny wins; with an allow rule, one must hold.",
  anyOf: [
    { const: "public" },
    {
      type: "array",
      minItems: 1,
      items: {
        type: "object",
        properties: {
          allow: { type: ["string", "boolean"], description: "CEL that gives a bool: true lets the caller in." },
          deny: { type: ["string", "boolean"], description: "CEL that gives a bool: true keeps the caller out." },
        },
        additionalProperties: false,
        minProperties: 1,
        maxProperties: 1,
      },
    },
  ],
};
