import { parseServiceUrl } from "#config/checks/urls.ts";
import { choice, flag } from "#config/shapes/choice.ts";
import { list } from "#config/shapes/list.ts";
import { duration } from "#config/shapes/numbers.ts";
import { object } from "#config/shapes/object.ts";
import { orFlag } from "#config/shapes/or-flag.ts";
import type { Shape } from "#config/shapes/shape.ts";
import { anyText, text } from "#config/shapes/text.ts";
import type { GroupLookup } from "#model/group-lookup.ts";

interface GraphFields {
  readonly groups: GroupLookup["when"];
  readonly url: string;
  readonly tokenUrl: string;
  readonly keep: number;
  readonly securityOnly: boolean;
  readonly only: readonly string[] | undefined;
}

/** `off`: written as `graph: false`. */
export type GraphInput = GraphFields | "off";

const minute = 60_000;

/** `graph: true`, `false`, or a map. */
export const graphShape: Shape<GraphInput> = orFlag(
  object<GraphFields>("graph", {
    groups: {
      shape: choice(["left-out", "always"]),
      about:
        "left-out: of whom a token says that there are too many to write down; always: of everybody, so that a change is in force within keep, for bearer tokens too.",
      default: "left-out",
    },
    keep: { shape: duration(1000, 60 * minute), about: "How old they may be.", default: minute },
    only: {
      shape: list(anyText),
      about: "Ids of the groups that count here; all others are dropped. All when absent.",
    },
    securityOnly: { shape: flag, about: "Security groups alone.", default: false },
    url: {
      shape: text("a URL", parseServiceUrl),
      about: "Of Microsoft Graph, with its version.",
      default: "https://graph.microsoft.com/v1.0",
    },
    tokenUrl: {
      shape: text("a URL", parseServiceUrl),
      about: "Where the gateway gets its own token for it; {tenantid} is the tenant.",
      default: "https://login.microsoftonline.com/{tenantid}/oauth2/v2.0/token",
    },
  }),
);
