import { nestedLimits } from "./nested-limits.ts";
import { type ArgumentProblem, type CheckedArguments, everyScope, limitedApis, literalOf, maxCalls } from "./common.ts";
import type { ArgumentSpec, PolicySpec } from "./spec.ts";

const calls: ArgumentSpec = { type: "integer", summary: "Most calls in a period.", min: 1, max: maxCalls };

const bandwidth: ArgumentSpec = {
  type: "size",
  summary: "Most bytes in a period, of requests and responses.",
  min: 1,
  max: 1e15,
  xmlUnit: "KiB",
};

const period: ArgumentSpec = {
  type: "duration",
  summary: "Length of the period, at least 5 minutes; 0 never renews.",
  required: true,
  min: 0,
  max: 31_622_400_000,
  xml: "@renewal-period",
};

const quotaLimits = { calls, bandwidth, period: { ...period, required: false } };

const shortestPeriod = 300_000;

export const quota: PolicySpec = {
  name: "quota",
  summary: "Limits the calls of each subscription in fixed periods. The count survives a restart.",
  sections: ["inbound"],
  scopes: ["product"],
  forwardAuth: ({ bandwidth: bytes }) => (bytes === undefined ? undefined : "it counts bytes, which do not pass here"),
  once: true,
  args: {
    calls,
    period,
    bandwidth,
    apis: limitedApis({ ...quotaLimits }),
  },
  check: checkQuota,
  example: `quota:
  calls: 10000
  period: 7d`,
};

export const quotaByKey: PolicySpec = {
  name: "quota-by-key",
  summary: "Limits the calls, or the bytes, with the same key in fixed periods.",
  sections: ["inbound"],
  scopes: everyScope,
  args: {
    key: { type: "string", summary: "What is counted.", required: true, expression: true, xml: "@counter-key" },
    calls,
    bandwidth,
    period,
    condition: {
      type: "condition",
      summary:
        "Counts only requests for which this holds; all are limited. One on the response counts once that is known.",
      xml: "@increment-condition",
    },
    incrementCount: {
      type: "integer",
      summary: "How much a request counts.",
      default: 1,
      min: 0,
      max: maxCalls,
      expression: true,
    },
    firstPeriodStart: {
      type: "string",
      summary: "When the first period began: yyyy-MM-ddTHH:mm:ssZ.",
      default: "0001-01-01T00:00:00Z",
    },
  },
  check: checkQuota,
  example: `quota-by-key:
  key: \${principal.id}
  calls: 10000
  period: 1d`,
};

function checkQuota(args: CheckedArguments): ArgumentProblem | undefined {
  if (args["calls"] === undefined && args["bandwidth"] === undefined) {
    return { argument: "calls", message: "give calls, bandwidth or both" };
  }
  const start = literalOf(args["firstPeriodStart"]);
  if (start !== undefined && Number.isNaN(Date.parse(String(start)))) {
    return { argument: "firstPeriodStart", message: "is a time as yyyy-MM-ddTHH:mm:ssZ" };
  }
  return periodAllowed(args) ?? nestedLimits(args, ["calls", "bandwidth"]);
}

function periodAllowed(args: CheckedArguments): ArgumentProblem | undefined {
  const length = literalOf(args["period"]);
  if (typeof length !== "number" || length === 0 || length >= shortestPeriod) return undefined;
  return { argument: "period", message: "is at least 5 minutes, or 0 for a quota that never renews" };
}
