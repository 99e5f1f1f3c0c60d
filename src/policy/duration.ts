import type { Value } from "#model/policy-tree.ts";
import type { Clock } from "#model/ports.ts";
import { plainNumber } from "#notation/csharp/value/plain-number.ts";
import { expressionFailed } from "./failure.ts";
import { type Evaluate, evaluateAny } from "./values.ts";

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Milliseconds of a range. Literals are milliseconds already; an expression gives a CEL duration, a text such as
 * `90s`, or a number of seconds as in API Management.
 */
export function evaluateDuration(value: Value, clock: Clock, min: number, max: number): Evaluate<number> {
  const evaluate = evaluateAny(value, clock);
  const literal = value.kind === "literal";
  return (exchange) => {
    const result = evaluate(exchange);
    const ms = literal ? Number(result) : toMilliseconds(result);
    if (ms >= min && ms <= max) return ms;
    throw expressionFailed(`not a duration from ${min} to ${max} ms`);
  };
}

function toMilliseconds(given: unknown): number {
  const value = plainNumber(given);
  if (typeof value === "bigint" || typeof value === "number") return Number(value) * 1000;
  if (typeof value === "string") return parseDuration(value);
  const isDuration = Object.prototype.toString.call(value) === "[object google.protobuf.Duration]";
  return isDuration ? Number(value) : Number.NaN;
}

function parseDuration(text: string): number {
  const match = /^(\d{1,12})(ms|s|m|h|d)$/.exec(text);
  return match === null ? Number.NaN : Number(match[1]) * (unitMs[match[2] as string] as number);
}
