import { everyScope, everySection } from "./common.ts";
import type { PolicySpec } from "./spec.ts";

const hour = 3_600_000;

export const retry: PolicySpec = {
  name: "retry",
  summary: "Runs its policies, and again while a condition holds.",
  sections: everySection,
  scopes: everyScope,
  args: {
    condition: { type: "condition", summary: "Again while this holds.", required: true },
    count: { type: "integer", summary: "Most repetitions.", required: true, min: 1, max: 50, expression: true },
    interval: { type: "duration", summary: "Wait before each.", required: true, min: 0, max: hour, expression: true },
    maxInterval: { type: "duration", summary: "Longest wait.", min: 0, max: hour, expression: true },
    delta: { type: "duration", summary: "What the wait grows by.", min: 0, max: hour, expression: true },
    firstFastRetry: {
      type: "boolean",
      summary: "The first repetition does not wait.",
      default: false,
      expression: true,
    },
    policies: { type: "policies", summary: "What is repeated.", xml: "*" },
  },
  example: `retry:
  condition: response.status == 429
  count: 3
  interval: 1s
  policies:
    - forward-request`,
};

export const wait: PolicySpec = {
  name: "wait",
  summary: "Runs its policies at the same time and waits for all of them, or for the first.",
  sections: ["inbound", "backend", "outbound"],
  scopes: everyScope,
  args: {
    for: {
      type: "enum",
      summary: "What is waited for.",
      values: ["all", "any"],
      default: "all",
      expression: true,
    },
    policies: {
      type: "policies",
      summary: "What runs.",
      only: ["send-request", "cache-lookup-value", "choose"],
      xml: "*",
    },
  },
  example: `wait:
  for: any
  policies:
    - cache-lookup-value: { key: a, variable: a }
    - cache-lookup-value: { key: b, variable: b }`,
};

export const limitConcurrency: PolicySpec = {
  name: "limit-concurrency",
  summary: "Lets only so many requests with the same key run its policies at a time.",
  sections: everySection,
  scopes: everyScope,
  args: {
    key: { type: "string", summary: "What is counted.", required: true, expression: true },
    maxCount: {
      type: "integer",
      summary: "Most at a time.",
      required: true,
      min: 1,
      max: 1_000_000,
      expression: true,
    },
    policies: { type: "policies", summary: "What is limited.", xml: "*" },
  },
  example: `limit-concurrency:
  key: \${principal.id}
  maxCount: 3
  policies:
    - forward-request`,
};

/** Where it stands the fragment's policies stand in the tree; the reader puts them there. */
export const includeFragment: PolicySpec = {
  name: "include-fragment",
  summary: "Runs the policies of a fragment here.",
  sections: everySection,
  scopes: everyScope,
  forwardAuth: true,
  shorthand: "fragmentId",
  args: { fragmentId: { type: "string", summary: "Name of the fragment.", required: true } },
  example: "include-fragment: add-headers",
};
