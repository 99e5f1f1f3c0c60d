import type { Exchange } from "#model/exchange.ts";
import type { Argument, Expression, Value } from "#model/policy-tree.ts";
import type { Clock } from "#model/ports.ts";
import { Activation } from "#notation/cel/activation.ts";
import { compileCel } from "#notation/cel/compile.ts";
import { plainNumber } from "#notation/csharp/value/plain-number.ts";
import { toText as csharpText } from "#notation/csharp/value/to-text.ts";
import { evaluateCsharp } from "./csharp/evaluate-csharp.ts";
import { expressionFailed } from "./failure.ts";
import { observed, randomToLink } from "./link-scope.ts";
import { toText } from "./to-text.ts";

/** A value of a policy for one exchange. Throws GatewayError `expression-failed`; the runner makes a refusal of it. */
export type Evaluate<T> = (exchange: Exchange) => T;

export function isValue(argument: Argument | undefined): argument is Value {
  return argument?.kind === "literal" || argument?.kind === "template" || argument?.kind === "expression";
}

/** Links one expression. */
export function evaluateExpression(expression: Expression, clock: Clock): Evaluate<unknown> {
  return observed(expression, linkExpression(expression, clock));
}

function linkExpression(expression: Expression, clock: Clock): Evaluate<unknown> {
  if (expression.language === "csharp")
    return evaluateCsharp(expression.source, clock, randomToLink(), expression.secret);
  const compiled = compileCel(expression.source);
  return (exchange) => compiled(new Activation(exchange, clock));
}

/** The value with the type it has: literals as written, templates as text, expressions as CEL gives them. */
export function evaluateAny(value: Value, clock: Clock): Evaluate<unknown> {
  if (value.kind === "expression") return evaluateExpression(value.expression, clock);
  if (value.kind === "template") return evaluateTemplate(value.parts, clock, toText);
  const { value: constant } = value;
  return () => constant;
}

/** @param write text of a computed part; for escaping what a client may have chosen */
export function evaluateTemplate(
  parts: readonly (string | Expression)[],
  clock: Clock,
  write: (value: unknown) => string,
): Evaluate<string> {
  const linked = parts.map((part) => (typeof part === "string" ? part : evaluateExpression(part, clock)));
  return (exchange) => {
    let text = "";
    for (const part of linked) text += typeof part === "string" ? part : write(part(exchange));
    return text;
  };
}

export function evaluateString(value: Value, clock: Clock): Evaluate<string> {
  if (value.kind === "literal") return constantly(toText(value.value));
  const evaluate = evaluateAny(value, clock);
  const write = textWriter(value);
  return (exchange) => write(evaluate(exchange));
}

/** Text as the expression's language has it: `true` of CEL is `True` of C#. */
function textWriter(value: Value): (result: unknown) => string {
  return value.kind === "expression" && value.expression.language === "csharp" ? csharpText : toText;
}

/** For bodies: text, or bytes as they are. */
export function evaluateContent(value: Value, clock: Clock): Evaluate<string | Uint8Array> {
  const evaluate = evaluateAny(value, clock);
  const write = textWriter(value);
  return (exchange) => {
    const result = evaluate(exchange);
    return result instanceof Uint8Array ? result : write(result);
  };
}

export function evaluateNumber(value: Value, clock: Clock): Evaluate<number> {
  if (value.kind === "literal") return constantly(toNumber(value.value));
  const evaluate = evaluateAny(value, clock);
  return (exchange) => toNumber(evaluate(exchange));
}

/** An integer of a range. A computed one outside of it is a failure: a limit is never silently another. */
export function evaluateInteger(value: Value, clock: Clock, min: number, max: number): Evaluate<number> {
  const evaluate = evaluateNumber(value, clock);
  return (exchange) => {
    const number = evaluate(exchange);
    if (Number.isInteger(number) && number >= min && number <= max) return number;
    throw expressionFailed(`not an integer from ${min} to ${max}`);
  };
}

export function evaluateBoolean(value: Value, clock: Clock): Evaluate<boolean> {
  if (value.kind === "literal") return constantly(toBoolean(value.value));
  const evaluate = evaluateAny(value, clock);
  return (exchange) => toBoolean(evaluate(exchange));
}

/** No truthiness: what is not a boolean is a failure, and so a refusal. */
export function evaluateCondition(value: Value, clock: Clock): Evaluate<boolean> {
  const evaluate = evaluateAny(value, clock);
  return (exchange) => {
    const result = evaluate(exchange);
    if (typeof result === "boolean") return result;
    throw expressionFailed("a condition did not give a bool");
  };
}

function constantly<T>(value: T): Evaluate<T> {
  return () => value;
}

function toNumber(given: unknown): number {
  const value = plainNumber(given);
  if (typeof value === "bigint") return Number(value);
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (typeof value === "string" && /^-?\d{1,15}(\.\d{1,15})?$/.test(value)) return Number(value);
  throw expressionFailed("not a number");
}

function toBoolean(value: unknown): boolean {
  if (typeof value === "boolean") return value;
  if (typeof value === "string" && /^(true|false)$/i.test(value)) return value.toLowerCase() === "true";
  throw expressionFailed("not a boolean");
}
