import type { Expression } from "#model/policy-tree.ts";
import { parseNetwork } from "#config/checks/words.ts";
import { flag } from "#config/shapes/choice.ts";
import { condition } from "#config/shapes/condition.ts";
import { oneOrMore } from "#config/shapes/list.ts";
import { duration } from "#config/shapes/numbers.ts";
import { object, type ObjectShape } from "#config/shapes/object.ts";
import { type Located, located, type Shape } from "#config/shapes/shape.ts";
import { short } from "#config/shapes/short.ts";
import { anyText, text } from "#config/shapes/text.ts";

export interface MaintenanceInput {
  readonly enabled: boolean;
  readonly retryAfter: number | undefined;
  readonly page: Located<string> | undefined;
  readonly allow: readonly string[];
  readonly allowWhen: Expression | undefined;
}

const wholeShape: ObjectShape<MaintenanceInput> = object<MaintenanceInput>("maintenance", {
  enabled: { shape: flag, about: "Whether it is on; a value of the environment may say it.", default: true },
  retryAfter: { shape: duration(1000, 86_400_000), about: "When to try again; what Retry-After says." },
  page: { shape: located(anyText), about: "HTML file for browsers, beside this one; others get problem+json." },
  allow: {
    shape: oneOrMore(text("an IP address or range", parseNetwork)),
    about: "Client addresses that are served all the same.",
    default: [],
  },
  allowWhen: { shape: condition, about: "CEL: who else is served all the same." },
});

export const maintenanceShape: Shape<MaintenanceInput> = short(wholeShape, "enabled", flag);
