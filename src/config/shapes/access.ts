import { isScalar, isSeq } from "yaml";
import { type AccessReason, accessReasons } from "#model/access-reasons.ts";
import type { Access, AccessRule } from "#model/definition.ts";
import { suggestion } from "#notation/nearest.ts";
import type { PolicyReading } from "#notation/policies/policy-reading.ts";
import { readEntries, readItems } from "#notation/yaml/collections.ts";
import type { Slot, SlotEntry } from "#notation/yaml/slot.ts";
import { reportType } from "#notation/yaml/wrong-type.ts";
import { choice } from "./choice.ts";
import { readConditionExpression } from "./condition.ts";
import type { Shape } from "./shape.ts";

const expected = "public, or a list of rules { allow: … } and { deny: … }";
const ruleKeys = ["allow", "deny", "reason"];
const reasonShape = choice(accessReasons);

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
  const entries = readEntries(reading, slot, "a rule { allow: … } or { deny: … }");
  if (entries === undefined || entries.length === 0) return undefined;
  const effects = entries.filter(({ key }) => isEffect(key));
  const [effect, second] = effects;
  if (second !== undefined) {
    reading.problems.error(
      "key-unknown",
      second.at,
      "a rule is either allow or deny",
      "begin each with a dash of its own",
    );
    return undefined;
  }
  const known = entries.every((entry) => isKnown(reading, entry));
  if (effect === undefined) return known ? withoutEffect(reading, entries) : undefined;
  const condition = readConditionExpression(reading, effect.slot);
  const reason = readReason(reading, entries);
  if (condition === undefined || !known) return undefined;
  return { effect: effect.key as AccessRule["effect"], condition, ...(reason === undefined ? {} : { reason }) };
}

function isEffect(key: string): key is AccessRule["effect"] {
  return key === "allow" || key === "deny";
}

function isKnown(reading: PolicyReading, { key, at }: SlotEntry): boolean {
  if (ruleKeys.includes(key)) return true;
  reading.problems.error(
    "key-unknown",
    at,
    `a rule has no ${key}`,
    suggestion(key, ruleKeys, (name) => `${name}:`),
  );
  return false;
}

function withoutEffect(reading: PolicyReading, [first]: readonly SlotEntry[]): undefined {
  const fix = "write allow: or deny: with a condition";
  if (first !== undefined) reading.problems.error("key-missing", first.at, "a rule says allow or deny", fix);
}

function readReason(reading: PolicyReading, entries: readonly SlotEntry[]): AccessReason | undefined {
  const entry = entries.find(({ key }) => key === "reason");
  return entry === undefined ? undefined : reasonShape.read(reading, entry.slot);
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
          reason: { ...reasonShape.schema, description: "Of the refusal; access-denied when absent." },
        },
        additionalProperties: false,
        oneOf: [{ required: ["allow"] }, { required: ["deny"] }],
      },
    },
  ],
};
