import { Environment } from "@marcbachmann/cel-js";
import { parserLimits } from "./limits.ts";
import { matchesMacro } from "./matches.ts";
import { parseCel } from "./parse.ts";
import { type Equality, requiredEqualities } from "./required-equalities.ts";
import type { CelProblem } from "./source-rules.ts";

/**
 * Members that a line of the record may have at its top, each with what stands for it where a line has none: so
 * `has(tls.version)` and `product != "gold"` have an answer for every record.
 */
const absent = {
  id: null,
  time: null,
  environment: null,
  node: null,
  configHash: null,
  event: null,
  request: null,
  details: {},
  principal: {},
  sessionId: null,
  tokenId: null,
  tokenDigest: null,
  clientId: null,
  subscription: null,
  product: null,
  route: {},
  method: null,
  host: null,
  path: null,
  query: null,
  protocol: null,
  client: null,
  tls: {},
  handovers: [],
  decision: null,
  reasons: [],
  status: null,
  response: null,
  askedBy: null,
  bytesIn: null,
  bytesOut: null,
  upstream: {},
  durationMs: null,
  traceparent: null,
  stage: null,
  seq: null,
} as const;

export interface RecordFilter {
  /** A record that an operator cannot take does not match: `status > 400` has no answer where there is no status. */
  readonly matches: (record: Readonly<Record<string, unknown>>) => boolean;
  /** What every record that matches has. */
  readonly required: readonly Equality[];
}

export type CompiledFilter =
  | { readonly ok: true; readonly filter: RecordFilter }
  | { readonly ok: false; readonly problem: CelProblem };

/** Reads a CEL filter over records: `decision == "deny" && principal.subject == "svc-billing"`. */
export function compileRecordFilter(source: string): CompiledFilter {
  const parsed = parseCel(source, environment);
  if (!parsed.ok) return parsed;
  const { expression, type } = parsed;
  if (type !== "bool" && type !== "dyn") {
    return { ok: false, problem: { message: `a filter says yes or no; this one gives a ${type}`, offset: 0 } };
  }
  return { ok: true, filter: { matches: matcher(expression), required: requiredEqualities(expression.ast) } };
}

function matcher(expression: (context: Record<string, unknown>) => unknown): RecordFilter["matches"] {
  return (record) => {
    try {
      return expression({ ...absent, ...(withIntegers(record) as object) }) === true;
    } catch {
      return false;
    }
  };
}

/** CEL's integers are bigint: `status == 403` compares with one. */
function withIntegers(value: unknown): unknown {
  if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(withIntegers);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withIntegers(one)]));
}

const environment = createEnvironment();

function createEnvironment(): Environment {
  const made = new Environment({ enableOptionalTypes: true, limits: parserLimits });
  for (const name of Object.keys(absent)) made.registerVariable(name, "dyn");
  return made.registerFunction("list.matches(ast): bool", matchesMacro);
}
