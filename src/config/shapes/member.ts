import { isMap } from "yaml";
import type { RoleRule } from "#model/definition.ts";
import { approvalHeld, approvalName } from "./approval-name.ts";
import { object } from "./object.ts";
import { role } from "./role.ts";
import type { Shape } from "./shape.ts";
import { anyText } from "./text.ts";

const namedShape = object<{ readonly group: string | undefined; readonly approval: string | undefined }>("a member", {
  group: { shape: anyText, about: "Members of this group of the provider." },
  approval: { shape: approvalName, about: "Holders of this approval, for as long as they hold it; see approvals." },
});

/** Who is in a product by identity: CEL over the principal, the members of a group, or the holders of an approval. */
export const member: Shape<RoleRule> = {
  schema: {
    anyOf: [
      { type: "string", description: "CEL that gives a bool." },
      { ...namedShape.schema, minProperties: 1, maxProperties: 1 },
    ],
  },
  read: (reading, slot) => {
    if (!isMap(slot.node)) return role.read(reading, slot);
    const { group, approval } = namedShape.read(reading, slot);
    if ((group === undefined) === (approval === undefined)) {
      const fix = "write { group: … }, { approval: … }, or both conditions in CEL";
      reading.problems.error("value-invalid", slot.at, "a member is meant by a group or by an approval", fix);
      return undefined;
    }
    if (group !== undefined) return { kind: "group", group };
    return { kind: "cel", condition: { language: "cel", source: approvalHeld(approval ?? ""), at: slot.at } };
  },
};
