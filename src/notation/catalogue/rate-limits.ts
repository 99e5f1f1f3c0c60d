import { type CheckedArguments, everyScope, limitedApis, limitReporting, maxCalls } from "./common.ts";
import type { ArgumentSpec, PolicySpec } from "./spec.ts";

const calls: ArgumentSpec = {
  type: "integer",
  summary: "Most calls in any trailing period.",
  required: true,
  min: 1,
  max: maxCalls,
};

/** API Management stops at 300 s; the counters here take a day. */
const period: ArgumentSpec = {
  type: "duration",
  summary: "Length of the period.",
  required: true,
  min: 1_000,
  max: 86_400_000,
  xml: "@renewal-period",
};

export const rateLimit: PolicySpec = {
  name: "rate-limit",
  summary: "Limits the calls of each subscription in any trailing period. Without a subscription it does nothing.",
  sections: ["inbound"],
  scopes: ["product", "api", "operation"],
  forwardAuth: true,
  once: true,
  args: {
    calls,
    period,
    ...limitReporting,
    apis: {
      ...limitedApis({ calls: { ...calls, required: false }, period: { ...period, required: false } }),
      pending: true,
    },
  },
  example: `rate-limit:
  calls: 20
  period: 60s
  remainingHeader: X-Calls-Left`,
};

export const rateLimitByKey: PolicySpec = {
  name: "rate-limit-by-key",
  summary: "Limits the calls with the same key in any trailing period. An empty key is refused.",
  sections: ["inbound"],
  scopes: everyScope,
  forwardAuth: true,
  args: {
    calls: { ...calls, expression: true },
    period: { ...period, expression: true },
    key: {
      type: "string",
      summary: "What is counted, for example the principal or the client's address.",
      required: true,
      expression: true,
      xml: "@counter-key",
    },
    condition: {
      type: "condition",
      summary: "Counts, and limits, only requests for which this holds.",
      xml: "@increment-condition",
    },
    incrementCount: {
      type: "integer",
      summary: "How much a request counts.",
      default: 1,
      min: 0,
      max: maxCalls,
      expression: true,
      pending: true,
    },
    incrementAfterResponse: {
      type: "boolean",
      summary: "Counts when the response is known.",
      default: false,
      pending: true,
    },
    ...limitReporting,
  },
  pending: readsResponse,
  example: `rate-limit-by-key:
  calls: 100
  period: 1m
  key: \${principal.id}
  condition: request.method != "OPTIONS"`,
};

/** A condition on the response counts when that is known, and the check on the way in goes by earlier calls. */
function readsResponse({ condition }: CheckedArguments): string | undefined {
  const computed = condition?.kind === "expression" && condition.expression.source.includes("context.Response");
  return computed ? "a condition on the response" : undefined;
}
