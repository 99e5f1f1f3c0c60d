import { needsResponse } from "#notation/policies/response-reads.ts";
import { type CheckedArguments, everyScope, limitedApis, limitReporting, literalOf, maxCalls } from "./common.ts";
import { nestedLimits } from "./nested-limits.ts";
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
    apis: limitedApis({ calls: { ...calls, required: false }, period: { ...period, required: false } }),
  },
  check: (args) => nestedLimits(args, ["calls"]),
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
  forwardAuth: countsBefore,
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
      summary:
        "Counts, and limits, only requests for which this holds. One on the response counts once that is known; until then earlier requests alone limit.",
      xml: "@increment-condition",
    },
    incrementCount: {
      type: "integer",
      summary: "How much a request counts. One that counts more than is left is refused.",
      default: 1,
      min: 0,
      max: maxCalls,
      expression: true,
    },
    incrementAfterResponse: {
      type: "boolean",
      summary: "Counts when the response is known: earlier requests alone limit.",
      default: false,
    },
    ...limitReporting,
  },
  example: `rate-limit-by-key:
  calls: 100
  period: 1m
  key: \${principal.id}
  condition: request.method != "OPTIONS"`,
};

/** The proxy that asks keeps the response to itself. */
function countsBefore({ condition, incrementCount, incrementAfterResponse }: CheckedArguments): string | undefined {
  const after = literalOf(incrementAfterResponse) === true || needsResponse(condition) || needsResponse(incrementCount);
  return after ? "it counts by the response, which is never seen here" : undefined;
}
