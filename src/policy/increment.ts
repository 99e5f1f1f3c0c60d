import type { Exchange } from "#model/exchange.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import type { Clock } from "#model/ports.ts";
import { maxCalls } from "#notation/catalogue/common.ts";
import { optionalValue, requiredValue } from "./arguments.ts";
import { type Evaluate, evaluateCondition, evaluateInteger } from "./values.ts";

/** How much a request counts by `incrementCount`; undefined where `condition` does not hold. */
export type Increment = Evaluate<number | undefined>;

export function linkIncrement(node: PolicyNode, clock: Clock): Increment {
  const given = optionalValue(node, "condition");
  const condition = given === undefined ? undefined : evaluateCondition(given, clock);
  const count = evaluateInteger(requiredValue(node, "incrementCount"), clock, 0, maxCalls);
  return (exchange) => (condition === undefined || condition(exchange) ? count(exchange) : undefined);
}

/** The same afterwards. What cannot be told (there was no response) counts as one: errors are no way around a limit. */
export function countedAnyway(increment: Increment, exchange: Exchange): number {
  try {
    return increment(exchange) ?? 0;
  } catch {
    return 1;
  }
}
