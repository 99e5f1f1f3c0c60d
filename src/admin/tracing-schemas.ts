import { count, type JsonSchema, list, nullable, object, reference, string, time } from "./schema-parts.ts";

export type TracingSchemaName = "DebugToken" | "DebugTokens" | "IssuedDebugToken" | "Trace" | "Traces";

const token: Readonly<Record<string, JsonSchema>> = {
  id: { ...string, description: "Names it here; opens nothing." },
  api: nullable({ ...string, description: "Requests of this API alone." }),
  until: time,
};

const head: Readonly<Record<string, JsonSchema>> = {
  id: { ...string, description: "X-Request-Id, and Apim-Trace-Id, of the answer." },
  time,
  method: string,
  host: string,
  path: string,
  api: nullable(string),
  operation: nullable(string),
  principal: string,
  status: count,
};

const handover = object(
  { door: string, step: string, policy: string, outcome: string, reason: string, detail: string, micros: count },
  ["policy", "reason", "detail"],
);
const rule = object({
  effect: { enum: ["allow", "deny"] },
  at: string,
  source: string,
  reason: nullable(string),
  value: nullable({ type: "boolean", description: "Null: it failed." }),
});
const expression = object({
  source: string,
  value: nullable(string),
  error: nullable(string),
  secret: { type: "boolean" },
});
const change = object({ what: string, before: nullable(string), after: nullable(string) });
const step = object({
  section: string,
  scope: string,
  name: string,
  id: nullable(string),
  path: string,
  at: string,
  depth: count,
  expressions: list(expression),
  changes: list(change),
  traced: list(string),
  outcome: string,
});

/** Shapes of traced requests. */
export const tracingSchemas: Readonly<Record<TracingSchemaName, JsonSchema>> = {
  DebugToken: object(token),
  DebugTokens: object({ debugTokens: list(reference("DebugToken")) }),
  IssuedDebugToken: object({ ...token, token: { ...string, description: "Told once." } }),
  Traces: object({ traces: list(object(head)) }),
  Trace: object({
    ...head,
    durationMs: { type: "number", minimum: 0 },
    handovers: list(handover),
    rules: list(rule),
    steps: list(step),
    stepsLeftOut: count,
  }),
};
