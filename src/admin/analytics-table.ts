import { dimensions } from "#analytics/dimensions.ts";
import { orders } from "#analytics/question.ts";
import type { AdminOperation } from "./operation.ts";
import { readAnalytics, reportAgents, reportDenied, reportSlowest } from "./operations/analytics.ts";
import { reportKeysDue, reportUnusedKeys } from "./operations/key-reports.ts";
import { json, reads } from "./rows.ts";

const timePattern = "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d(:\\d\\d(\\.\\d{1,9})?)?(Z|[+-]\\d\\d:\\d\\d)$";
const durationPattern = "^[1-9][0-9]{0,4}[mhd]$";

const rangeQuery: AdminOperation["query"] = {
  from: { pattern: timePattern, about: "Begin, such as 2026-11-27T08:00:00Z." },
  to: { pattern: timePattern, about: "End; now when absent." },
  last: { pattern: durationPattern, about: "Instead of from: how long before the end, such as 30m, 12h, 7d." },
  top: { pattern: "^([1-9][0-9]{0,2}|1000)$", about: "How many; 20 when absent." },
};

const filters: AdminOperation["query"] = Object.fromEntries(
  dimensions.map((name) => [
    name,
    { pattern: "^[^\\p{Cc}]{0,2000}$", about: `Only these values of ${name}, with commas between; empty: none.` },
  ]),
);

const keyQuery = (days: number): AdminOperation["query"] => ({
  days: { pattern: "^[1-9][0-9]{0,3}$", about: `How many; ${days} when absent.` },
  top: { pattern: "^([1-9][0-9]{0,2}|1000)$", about: "How many keys; 100 when absent." },
});

/** Counts of requests, and reports made of them; and reports of keys. */
export const analyticsOperations: readonly AdminOperation[] = [
  reads("read-analytics", "/analytics", {
    summary: "Calls, bytes, errors and times of requests, by minute, hour or day, for any set of dimensions.",
    query: {
      ...rangeQuery,
      step: { pattern: durationPattern, about: "A point for each step, such as 5m; none when absent." },
      by: { pattern: "^[a-z]+(,[a-z]+)*$", about: `Group by these, with commas between: ${dimensions.join(", ")}.` },
      order: { pattern: `^(${orders.join("|")})$`, about: "What the first are the first by; calls when absent." },
      ...filters,
    },
    answers: json("Analytics"),
    run: readAnalytics,
  }),
  reads("report-top-denied", "/reports/top-denied", {
    summary: "What was turned away most: operation, reason and subscription.",
    query: rangeQuery,
    answers: json("Analytics"),
    run: reportDenied,
  }),
  reads("report-slowest", "/reports/slowest", {
    summary: "Operations by their 95th percentile, the slowest first.",
    query: rangeQuery,
    answers: json("Analytics"),
    run: reportSlowest,
  }),
  reads("report-agents", "/reports/agents", {
    summary: "Agents by the data that they were given, the most first.",
    query: rangeQuery,
    answers: json("AgentReport"),
    run: reportAgents,
  }),
  reads("report-unused-keys", "/reports/unused-keys", {
    summary: "Keys of active subscriptions that were not used for so many days, the longest first.",
    query: keyQuery(30),
    answers: json("KeyReport"),
    run: reportUnusedKeys,
  }),
  reads("report-keys-due", "/reports/keys-due", {
    summary:
      "Keys of active subscriptions that are due for rotation, or soon: by their schedule, else made more than so many days ago. The oldest first.",
    query: keyQuery(90),
    answers: json("DueKeyReport"),
    run: reportKeysDue,
  }),
];
