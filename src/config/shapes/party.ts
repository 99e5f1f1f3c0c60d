import { isMap } from "yaml";
import type { PartyRule } from "#model/approvals.ts";
import { readEntries } from "#notation/yaml/collections.ts";
import type { Slot, SlotEntry } from "#notation/yaml/slot.ts";
import type { PolicyReading } from "#notation/policies/policy-reading.ts";
import { suggestion } from "#notation/nearest.ts";
import { readConditionExpression } from "./condition.ts";
import type { Shape } from "./shape.ts";
import { anyText } from "./text.ts";

const kinds = ["principal", "group", "role"] as const;
type Kind = (typeof kinds)[number];

const about: Readonly<Record<Kind, string>> = {
  principal: "Exactly this one, by id: issuer|tenant|subject.",
  group: "Members of this group of the provider.",
  role: "Holders of this role of the provider.",
};

/** Whom an approval means: `{ principal: … }`, `{ group: … }`, `{ role: … }`, or CEL over the principal. */
export const party: Shape<PartyRule> = {
  schema: {
    anyOf: [
      { type: "string", description: "CEL over the principal that gives a bool." },
      ...kinds.map((kind) => ({
        type: "object",
        properties: { [kind]: { ...anyText.schema, description: about[kind] } },
        required: [kind],
        additionalProperties: false,
      })),
    ],
  },
  read: (reading, slot) => (isMap(slot.node) ? readNamed(reading, slot) : readCel(reading, slot)),
};

function readNamed(reading: PolicyReading, slot: Slot): PartyRule | undefined {
  const [entry, ...more] = readEntries(reading, slot, "whom it means") ?? [];
  const second = more[0];
  if (entry === undefined || second !== undefined) {
    reading.problems.error(
      "value-invalid",
      second?.at ?? slot.at,
      "one of principal, group and role is due",
      "write { group: … }",
    );
    return undefined;
  }
  return readEntry(reading, entry);
}

function readEntry(reading: PolicyReading, { key, at, slot }: SlotEntry): PartyRule | undefined {
  const kind = kinds.find((one) => one === key);
  if (kind === undefined) {
    reading.problems.error(
      "key-unknown",
      at,
      `nobody is meant by ${key}`,
      suggestion(key, kinds, (one) => `${one}:`),
    );
    return undefined;
  }
  const value = anyText.read(reading, slot);
  if (value === undefined) return undefined;
  if (kind === "principal") return { kind, id: value };
  return kind === "group" ? { kind, group: value } : { kind, role: value };
}

/** `true` would mean everybody whom a provider knows, `false` nobody: neither is ever meant. */
function readCel(reading: PolicyReading, slot: Slot): PartyRule | undefined {
  const condition = readConditionExpression(reading, slot);
  if (condition === undefined) return undefined;
  if (condition.source !== "true" && condition.source !== "false") return { kind: "cel", condition };
  const fix = "write CEL such as '\"leads\" in principal.groups', or { group: leads }";
  reading.problems.error("value-invalid", slot.at, "this needs a rule that tells people apart", fix);
  return undefined;
}
