import { dimensions } from "#analytics/dimensions.ts";
import { boolean, count, type JsonSchema, list, nullable, object, string, time } from "./schema-parts.ts";

export type AnalyticsSchemaName = "Analytics" | "AgentReport" | "KeyReport" | "DueKeyReport";

const milliseconds: JsonSchema = { type: "number", minimum: 0, description: "Milliseconds." };
const resolution: JsonSchema = { enum: ["minute", "hour", "day"], description: "How finely what answers is kept." };

const measures: Readonly<Record<string, JsonSchema>> = {
  calls: count,
  denied: { ...count, description: "Turned away by a door of ours." },
  errors: { ...count, description: "Of status 5xx." },
  bytesIn: count,
  bytesOut: count,
  cacheHits: count,
  tokens: count,
  latency: nullable(
    object({ mean: milliseconds, p50: milliseconds, p95: milliseconds, p99: milliseconds, max: milliseconds }),
  ),
};

const by: JsonSchema = {
  type: "object",
  properties: Object.fromEntries(dimensions.map((name) => [name, string])),
  additionalProperties: false,
  description: "`other` holds all values that were too many to tell apart; empty: it has none.",
};

const staleKey: Readonly<Record<string, JsonSchema>> = {
  subscription: string,
  slot: { enum: ["primary", "secondary"] },
  scope: string,
  source: { enum: ["declared", "created"] },
  owner: nullable(string),
  madeAt: { ...time, description: "Of keys older than this is noted: when their subscription was made." },
  ageDays: count,
  usedAt: nullable({ ...time, description: "Null: not since watchedFrom." }),
  watchedFrom: { ...time, description: "Since when uses of this key are noted." },
};

/** Shapes of counts of requests. */
export const analyticsSchemas: Readonly<Record<AnalyticsSchemaName, JsonSchema>> = {
  Analytics: object({
    from: time,
    to: time,
    resolution,
    stepSeconds: nullable(count),
    total: object(measures),
    groups: list(object({ by, ...measures, points: list(object({ start: time, ...measures })) }, ["points"])),
    omitted: { ...count, description: "Groups beyond the first ones." },
  }),
  KeyReport: object({ before: time, keys: list(object(staleKey)) }),
  DueKeyReport: object({
    before: time,
    keys: list(
      object({
        ...staleKey,
        dueAt: nullable({ ...time, description: "By its schedule. Null: it has none, and is older than `before`." }),
        isDue: { ...boolean, description: "False: it is due soon." },
      }),
    ),
  }),
  AgentReport: object({
    from: time,
    to: time,
    resolution,
    agents: list(
      object({
        agent: { ...string, description: "Id of its principal." },
        calls: count,
        denied: count,
        bytesOut: { ...count, description: "What it was given." },
        bytesIn: count,
        tokens: count,
        apis: list(string),
        operations: { ...count, description: "How many it was let into." },
      }),
    ),
  }),
};
