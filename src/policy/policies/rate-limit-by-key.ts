import { refuse } from "#model/decision.ts";
import type { Exchange } from "#model/exchange.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import { maxCalls } from "#notation/catalogue/common.ts";
import { needsResponse } from "#notation/policies/response-reads.ts";
import { optionalValue, requiredValue } from "#policy/arguments.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { evaluateDuration } from "#policy/duration.ts";
import { countedAnyway, linkIncrement } from "#policy/increment.ts";
import { linkLimitReport } from "#policy/limit-report.ts";
import { evaluateInteger, evaluateString } from "#policy/values.ts";

/** Policies with the same key, calls and period share a counter, wherever they stand. */
export function link(node: PolicyNode, context: LinkContext): Run {
  const { rateLimiter, limiterId, clock } = context.ports;
  const calls = evaluateInteger(requiredValue(node, "calls"), clock, 1, maxCalls);
  const period = evaluateDuration(requiredValue(node, "period"), clock, 1000, 86_400_000);
  const key = evaluateString(requiredValue(node, "key"), clock);
  const increment = linkIncrement(node, clock);
  const report = linkLimitReport(node);
  const after = optionalValue(node, "incrementAfterResponse");
  const countsLater =
    (after?.kind === "literal" && after.value === true) ||
    needsResponse(node.args["condition"]) ||
    needsResponse(node.args["incrementCount"]);

  // Written out, as it is nearly always, both are the same for all requests: one name to make instead of one for each.
  let named = { most: -1, periodMs: -1, limiter: 0 };
  const limiterOf = (most: number, periodMs: number): number => {
    if (named.most !== most || named.periodMs !== periodMs)
      named = { most, periodMs, limiter: limiterId("rate-limit-by-key", most, periodMs) };
    return named.limiter;
  };

  return (exchange) => {
    const amount = countsLater ? 0 : increment(exchange);
    if (amount === undefined) return undefined;
    const counted = key(exchange);
    // One bucket for everybody without a key would let a stranger use up what others are entitled to.
    if (counted === "") return refuse("limiter-key-empty");
    const most = calls(exchange);
    const periodMs = period(exchange);
    const limiter = limiterOf(most, periodMs);
    const refused = report(exchange, most, rateLimiter.take(limiter, counted, most, periodMs, amount));
    if (countsLater && refused === undefined) countLater(exchange, limiter, counted, most, periodMs);
    return refused;
  };

  function countLater(exchange: Exchange, limiter: number, counted: string, most: number, periodMs: number): void {
    exchange.whenAnswered(() => {
      rateLimiter.add(limiter, counted, most, periodMs, countedAnyway(increment, exchange));
    });
  }
}
