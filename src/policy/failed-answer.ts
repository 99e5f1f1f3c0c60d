import type { PolicyNode } from "#model/policy-tree.ts";
import type { Clock } from "#model/ports.ts";
import { optionalValue, requiredValue } from "./arguments.ts";
import { type Evaluate, evaluateInteger, evaluateString } from "./values.ts";

export interface FailedAnswer {
  readonly status: number;
  readonly message?: string;
}

/** Status and message that a policy's own `failedStatus` and `failedMessage` give a refusal. */
export function linkFailedAnswer(node: PolicyNode, clock: Clock): Evaluate<FailedAnswer> {
  const status = evaluateInteger(requiredValue(node, "failedStatus"), clock, 400, 599);
  const given = optionalValue(node, "failedMessage");
  const message = given === undefined ? undefined : evaluateString(given, clock);
  return (exchange) =>
    message === undefined ? { status: status(exchange) } : { status: status(exchange), message: message(exchange) };
}
