import type { Exchange } from "#model/exchange.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import type { Clock } from "#model/ports.ts";
import { optionalValue, requiredValue } from "./arguments.ts";
import { evaluateDuration } from "./duration.ts";
import { type Evaluate, evaluateBoolean } from "./values.ts";

const hour = 3_600_000;

/**
 * Milliseconds before the repetition of a number from 1: `interval`; with `delta` it grows by that; with `maxInterval`
 * it about doubles up to there, at random by a fifth, so that those who failed together do not come back together.
 */
export function linkRetryWait(
  node: PolicyNode,
  clock: Clock,
  random: () => number = Math.random,
): (exchange: Exchange, nth: number) => number {
  const interval = evaluateDuration(requiredValue(node, "interval"), clock, 0, hour);
  const delta = optionalDuration(node, "delta", clock);
  const longest = optionalDuration(node, "maxInterval", clock);
  const fast = evaluateBoolean(requiredValue(node, "firstFastRetry"), clock);
  return (exchange, nth) => {
    if (nth === 1 && fast(exchange)) return 0;
    const step = delta?.(exchange) ?? 0;
    const first = interval(exchange);
    if (longest === undefined) return first + (nth - 1) * step;
    const spread = step * (0.8 + 0.4 * random());
    return Math.min(longest(exchange), first + (2 ** (nth - 1) - 1) * spread);
  };
}

function optionalDuration(node: PolicyNode, name: string, clock: Clock): Evaluate<number> | undefined {
  const value = optionalValue(node, name);
  return value === undefined ? undefined : evaluateDuration(value, clock, 0, hour);
}
