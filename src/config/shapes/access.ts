import { isScalar, isSeq } from "yaml";
import { type AccessReason, accessReasons } from "#model/access-reasons.ts";
import type { Access, AccessRule } from "#model/definition.ts";
import type { Expression } from "#model/policy-tree.ts";
import { suggestion } from "#notation/nearest.ts";
import type { PolicyReading } from "#notation/policies/policy-reading.ts";
import { readEntries, readItems } from "#notation/yaml/collections.ts";
import type { Slot, SlotEntry } from "#notation/yaml/slot.ts";
import { reportType } from "#notation/yaml/wrong-type.ts";
import { approvalHeld, approvalName } from "./approval-name.ts";
import { choice } from "./choice.ts";
import { readConditionExpression } from "./condition.ts";
import type { Shape } from "./shape.ts";

const expected = "public, or a list of rules { allow: … } and { deny: … }";
const ruleKeys = ["allow", "deny", "approval", "reason"];
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
  const condition = readWhole(
    reading,
    effect,
    entries.find(({ key }) => key === "approval"),
    slot,
  );
  const reason = readReason(reading, entries);
  if (condition === undefined || !known) return undefined;
  const kind = effect?.key === "deny" ? "deny" : "allow";
  return { effect: kind, condition, ...(reason === undefined ? {} : { reason }) };
}

/** The condition, the approval, or both: what `approval` means is CEL as well, so that there is one way of deciding. */
function readWhole(
  reading: PolicyReading,
  effect: SlotEntry | undefined,
  approval: SlotEntry | undefined,
  { at }: Slot,
): Expression | undefined {
  if (effect === undefined && approval === undefined) {
    reading.problems.error("key-missing", at, "a rule says allow or deny", "write allow: or deny: with a condition");
    return undefined;
  }
  if (effect?.key === "deny" && approval !== undefined) {
    const fix = "write deny: '… && !(\"name\" in principal.approvals)'";
    reading.problems.error("key-unknown", approval.at, "an approval lets in, so it belongs to allow", fix);
    return undefined;
  }
  const condition = effect && readConditionExpression(reading, effect.slot);
  if (approval === undefined) return condition;
  const name = approvalName.read(reading, approval.slot);
  if (name === undefined || (effect !== undefined && condition === undefined)) return undefined;
  const held = approvalHeld(name);
  if (condition === undefined) return { language: "cel", source: held, at: approval.slot.at };
  // On a line of its own: the condition may end with a comment.
  return { ...condition, source: `(${condition.source}\n) && ${held}` };
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
          approval: { ...approvalName.schema, description: "And holders of this approval alone; see approvals." },
          reason: { ...reasonShape.schema, description: "Of the refusal; access-denied when absent." },
        },
        additionalProperties: false,
        oneOf: [
          { required: ["deny"], not: { required: ["approval"] } },
          { anyOf: [{ required: ["allow"] }, { required: ["approval"] }], not: { required: ["deny"] } },
        ],
      },
    },
  ],
};
