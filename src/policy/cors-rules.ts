import type { Exchange } from "#model/exchange.ts";
import type { PolicyNode, Value } from "#model/policy-tree.ts";
import type { Clock } from "#model/ports.ts";
import { literalTexts, requiredValue, valuesOf } from "./arguments.ts";
import { evaluateDuration } from "./duration.ts";
import { expressionFailed } from "./failure.ts";
import { type Evaluate, evaluateBoolean, evaluateString } from "./values.ts";

const day = 86_400_000;

/** A cors policy, linked. */
export interface CorsRules {
  readonly anyOrigin: boolean;
  readonly origins: readonly Evaluate<string>[];
  /** `*` among them: any. */
  readonly methods: (exchange: Exchange) => readonly string[];
  readonly anyHeader: boolean;
  /** Lower case. */
  readonly headers: ReadonlySet<string>;
  readonly exposed: string;
  readonly maxAgeMs: Evaluate<number>;
  readonly credentials: Evaluate<boolean>;
  readonly terminates: Evaluate<boolean>;
}

export function compileCors(node: PolicyNode, clock: Clock): CorsRules {
  const origins = valuesOf(node, "allowedOrigins");
  const headers = literalTexts(node, "allowedHeaders");
  return {
    anyOrigin: origins.some((value) => value.kind === "literal" && value.value === "*"),
    origins: origins.map((value) => linkOrigin(value, clock)),
    methods: linkMethods(valuesOf(node, "allowedMethods"), clock),
    anyHeader: headers.includes("*"),
    headers: new Set(headers.map((name) => name.toLowerCase())),
    exposed: literalTexts(node, "exposeHeaders").join(", "),
    maxAgeMs: evaluateDuration(requiredValue(node, "preflightResultMaxAge"), clock, 0, day),
    credentials: evaluateBoolean(requiredValue(node, "allowCredentials"), clock),
    terminates: evaluateBoolean(requiredValue(node, "terminateUnmatchedRequest"), clock),
  };
}

/** What Access-Control-Allow-Origin says to this origin, or undefined when it is not allowed. */
export function allowedOriginOf(rules: CorsRules, origin: string, exchange: Exchange): string | undefined {
  if (rules.anyOrigin) return "*";
  const sent = normalOrigin(origin);
  // `null` is every sandboxed page and file: it is nobody's origin.
  if (sent === "null" || sent === "") return undefined;
  for (const allowed of rules.origins) if (allowed(exchange) === sent) return origin;
  return undefined;
}

const whenNoneIsNamed = ["GET", "POST"];
const aMethod = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,128}$/;

/** A computed one stands in a list for the browser, so it is a method and nothing more. */
function linkMethods(values: readonly Value[], clock: Clock): CorsRules["methods"] {
  if (values.every((value) => value.kind === "literal")) {
    const methods = values.length === 0 ? whenNoneIsNamed : values.map(({ value }) => String(value));
    return () => methods;
  }
  const computed = values.map((value) => evaluateString(value, clock));
  return (exchange) =>
    computed.map((evaluate) => {
      const method = evaluate(exchange).trim();
      if (aMethod.test(method)) return method;
      throw expressionFailed("cors: a computed method is none");
    });
}

function linkOrigin(value: Value, clock: Clock): Evaluate<string> {
  if (value.kind === "literal") {
    const origin = normalOrigin(String(value.value));
    return () => origin;
  }
  const evaluate = evaluateString(value, clock);
  return (exchange) => normalOrigin(evaluate(exchange));
}

const defaultPort: Readonly<Record<string, RegExp>> = { "http:": /:80$/, "https:": /:443$/ };

/** Lower case, without a default port and a trailing slash. Compared as text: origins are opaque. */
function normalOrigin(origin: string): string {
  const text = origin.toLowerCase().replace(/\/$/, "");
  const scheme = text.slice(0, text.indexOf(":") + 1);
  const port = defaultPort[scheme];
  return port === undefined ? text : text.replace(port, "");
}
