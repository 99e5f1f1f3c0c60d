import type { Value } from "#model/policy-tree.ts";
import type { Clock } from "#model/ports.ts";
import { type Evaluate, evaluateString } from "./values.ts";
import { withoutCredentials } from "./without-credentials.ts";

/** No credential of a request is longer, so none is cut in two and no longer known for one. */
const maxCredential = 64 * 1024;

/** A value for the record, the log or a metric: without what the definition calls a secret, or the request proved itself by. */
export function evaluateTellable(value: Value, clock: Clock, maxLength: number): Evaluate<string> {
  if (holdsSecret(value)) return () => "***";
  const text = evaluateString(value, clock);
  return (exchange) =>
    withoutCredentials(text(exchange).slice(0, maxLength + maxCredential), exchange).slice(0, maxLength);
}

function holdsSecret(value: Value): boolean {
  if (value.kind === "literal") return value.secret === true;
  if (value.kind === "expression") return value.expression.secret === true;
  return value.parts.some((part) => typeof part !== "string" && part.secret === true);
}
