import { type ArgumentProblem, type CheckedArguments, literalOf, maxCalls } from "./common.ts";
import type { PolicySpec } from "./spec.ts";

const shortestPeriod = 300_000;

export const quota: PolicySpec = {
  name: "quota",
  summary: "Limits the calls of each subscription in fixed periods. The count survives a restart.",
  sections: ["inbound"],
  scopes: ["product"],
  forwardAuth: true,
  once: true,
  args: {
    calls: { type: "integer", summary: "Most calls in a period.", required: true, min: 1, max: maxCalls },
    period: {
      type: "duration",
      summary: "Length of the period, at least 5 minutes; 0 never renews.",
      required: true,
      min: 0,
      max: 31_622_400_000,
      xml: "renewal-period",
    },
  },
  check: periodAllowed,
  example: `quota:
  calls: 10000
  period: 7d`,
};

function periodAllowed(args: CheckedArguments): ArgumentProblem | undefined {
  const period = literalOf(args["period"]);
  if (typeof period !== "number" || period === 0 || period >= shortestPeriod) return undefined;
  return { argument: "period", message: "is at least 5 minutes, or 0 for a quota that never renews" };
}
