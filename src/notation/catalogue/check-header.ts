import { everyScope } from "./common.ts";
import type { PolicySpec } from "./spec.ts";

export const checkHeader: PolicySpec = {
  name: "check-header",
  summary: "Lets only requests pass that carry a header, or one of its allowed values.",
  sections: ["inbound"],
  scopes: everyScope,
  forwardAuth: true,
  args: {
    name: { type: "string", summary: "Name of the header.", required: true, expression: true },
    values: {
      type: "list",
      summary: "Allowed values; none: the header must be there.",
      items: { type: "string", summary: "Value.", expression: true },
      xml: "value",
    },
    ignoreCase: {
      type: "boolean",
      summary: "Compares values without regard to case.",
      default: false,
      expression: true,
      xml: "@ignore-case",
    },
    failedStatus: {
      type: "integer",
      summary: "Status of a refusal.",
      default: 401,
      min: 400,
      max: 599,
      expression: true,
      xml: "@failed-check-httpcode",
    },
    failedMessage: {
      type: "string",
      summary: "Message of a refusal.",
      expression: true,
      xml: "@failed-check-error-message",
    },
  },
  example: `check-header:
  name: X-Api-Version
  values: ["2"]
  failedStatus: 400
  failedMessage: This version is not served.`,
};
