import { plainName } from "./record.ts";
import type { Shape } from "./shape.ts";
import { text } from "./text.ts";

export const approvalName: Shape<string> = text("the name of an approval", (name) =>
  new RegExp(plainName.pattern).test(name)
    ? { value: name }
    : { problem: `${name} cannot be a name`, fix: plainName.fix },
);

/** What `approval: name` means, in CEL: there is one way of deciding. */
export function approvalHeld(name: string): string {
  return `"${name}" in principal.approvals`;
}
