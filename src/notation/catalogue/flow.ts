import { type ArgumentProblem, type CheckedArguments, everyScope, everySection, itemsOf } from "./common.ts";
import type { PolicySpec } from "./spec.ts";

export const choose: PolicySpec = {
  name: "choose",
  summary: "Runs the policies of the first condition that holds.",
  sections: everySection,
  scopes: everyScope,
  forwardAuth: true,
  args: {
    when: {
      type: "list",
      summary: "Conditions with their policies, tried in order.",
      required: true,
      items: {
        type: "map",
        summary: "One condition.",
        entries: {
          condition: { type: "condition", summary: "When this holds …", required: true },
          policies: { type: "policies", summary: "… these run.", required: true, xml: "*" },
        },
      },
    },
    otherwise: { type: "policies", summary: "Run when no condition held." },
  },
  check: hasBranch,
  example: `choose:
  when:
    - condition: request.method == "GET"
      policies:
        - set-header: { name: X-Read, values: ["1"] }
  otherwise:
    - return-response: { status: 405 }`,
};

function hasBranch(args: CheckedArguments): ArgumentProblem | undefined {
  return itemsOf(args["when"]).length > 0 ? undefined : { argument: "when", message: "needs at least one condition" };
}

export const setVariable: PolicySpec = {
  name: "set-variable",
  summary: "Keeps a value for later policies of the same request. An expression keeps its type.",
  sections: everySection,
  scopes: everyScope,
  forwardAuth: true,
  args: {
    name: { type: "string", summary: "Name of the variable.", required: true },
    value: { type: "any", summary: "Value.", required: true, expression: true },
  },
  example: `set-variable:
  name: isStaff
  value: \${"staff" in principal.groups}`,
};
