import { isMap } from "yaml";
import type { RoleRule } from "#model/definition.ts";
import { readCondition } from "#notation/policies/condition.ts";
import { object } from "./object.ts";
import type { Shape } from "./shape.ts";
import { anyText } from "./text.ts";

const groupShape = object<{ readonly group: string | undefined }>("a role", {
  group: { shape: anyText, about: "Members of this group of the provider.", required: true },
});

/** Who has a role: CEL over the principal, as in access rules, or the members of a group. */
export const role: Shape<RoleRule> = {
  schema: { anyOf: [{ type: "string", description: "CEL that gives a bool." }, groupShape.schema] },
  read: (reading, slot) => {
    if (isMap(slot.node)) {
      const { group } = groupShape.read(reading, slot);
      return group === undefined ? undefined : { kind: "group", group };
    }
    const condition = readCondition(reading, slot);
    if (condition?.kind === "expression") return { kind: "cel", condition: condition.expression };
    // `true` would give the role to everybody whom the provider knows, `false` to nobody: neither is ever meant.
    if (condition !== undefined) {
      const fix = "write CEL such as '\"platform\" in principal.groups', or { group: platform }";
      reading.problems.error("value-invalid", slot.at, "a role needs a rule that tells people apart", fix);
    }
    return undefined;
  },
};
