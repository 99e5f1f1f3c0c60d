import { refuse } from "#model/decision.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import { maxCalls } from "#notation/catalogue/common.ts";
import { optionalValue, requiredValue } from "#policy/arguments.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { evaluateDuration } from "#policy/duration.ts";
import { linkLimitReport } from "#policy/limit-report.ts";
import { evaluateCondition, evaluateInteger, evaluateString } from "#policy/values.ts";

/** Policies with the same key, calls and period share a counter, wherever they stand. */
export function link(node: PolicyNode, context: LinkContext): Run {
  const { rateLimiter, limiterId, clock } = context.ports;
  const calls = evaluateInteger(requiredValue(node, "calls"), clock, 1, maxCalls);
  const period = evaluateDuration(requiredValue(node, "period"), clock, 1000, 86_400_000);
  const key = evaluateString(requiredValue(node, "key"), clock);
  const given = optionalValue(node, "condition");
  const condition = given === undefined ? undefined : evaluateCondition(given, clock);
  const report = linkLimitReport(node);
  return (exchange) => {
    if (condition !== undefined && !condition(exchange)) return undefined;
    const counted = key(exchange);
    // One bucket for everybody without a key would let a stranger use up what others are entitled to.
    if (counted === "") return refuse("limiter-key-empty");
    const most = calls(exchange);
    const periodMs = period(exchange);
    const left = rateLimiter.take(limiterId("rate-limit-by-key", most, periodMs), counted, most, periodMs);
    return report(exchange, most, left);
  };
}
