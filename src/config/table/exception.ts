import type { Section } from "#model/policy-tree.ts";
import { sections } from "#model/policy-tree.ts";
import type { Slot } from "#notation/yaml/slot.ts";
import { parseDay } from "#config/checks/words.ts";
import { choice } from "#config/shapes/choice.ts";
import { object, type ObjectShape } from "#config/shapes/object.ts";
import { type Located, located } from "#config/shapes/shape.ts";
import { slotOf } from "#config/shapes/slot.ts";
import { anyText, text } from "#config/shapes/text.ts";

/** One argument of one policy that is another in one environment. Without an owner the policy is a global one. */
export interface ExceptionInput {
  readonly api: Located<string> | undefined;
  readonly operation: Located<string> | undefined;
  readonly product: Located<string> | undefined;
  readonly fragment: Located<string> | undefined;
  readonly section: Section | undefined;
  readonly policy: Located<string> | undefined;
  readonly id: string | undefined;
  readonly argument: Located<string> | undefined;
  readonly value: Slot | undefined;
  readonly reason: string | undefined;
  readonly approvedBy: string | undefined;
  /** Its last day. */
  readonly until: Located<string> | undefined;
}

const name = located(anyText);

export const exceptionShape: ObjectShape<ExceptionInput> = object<ExceptionInput>("an exception", {
  api: { shape: name, about: "API whose policy it is; the definition's own when no owner is named." },
  operation: { shape: name, about: "Its operation." },
  product: { shape: name, about: "Product whose policy it is." },
  fragment: { shape: name, about: "Fragment that the policy stands in, wherever that is included." },
  section: { shape: choice(sections), about: "Section it stands in; needed but for a fragment." },
  policy: { shape: name, about: "Name of the policy.", required: true },
  id: { shape: anyText, about: "Its id, where several of that name stand there." },
  argument: { shape: name, about: "Which of its arguments.", required: true },
  value: { shape: slotOf({}), about: "What the argument is in this environment, written out.", required: true },
  reason: { shape: anyText, about: "Why.", required: true },
  approvedBy: { shape: anyText, about: "Who has agreed.", required: true },
  until: {
    shape: located(text("a day", parseDay)),
    about: "Its last day, such as 2027-01-31 (UTC): from the next one on the definition does not load.",
    required: true,
  },
});
