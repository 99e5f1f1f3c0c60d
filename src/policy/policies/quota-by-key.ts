import { refuse } from "#model/decision.ts";
import type { Exchange } from "#model/exchange.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import { needsResponse } from "#notation/policies/response-reads.ts";
import { literalNumber, literalText, optionalValue, requiredValue } from "#policy/arguments.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { countedAnyway, linkIncrement } from "#policy/increment.ts";
import { forget, type QuotaLimit, takeQuota } from "#policy/quota-limit.ts";
import { evaluateString } from "#policy/values.ts";

/** A request counts once for a key, however many policies of its way have that. */
const counted = new WeakMap<Exchange, Set<string>>();

/** Policies with the same key and period share a counter, wherever they stand. */
export function link(node: PolicyNode, context: LinkContext): Run {
  const { quota, clock } = context.ports;
  const key = evaluateString(requiredValue(node, "key"), clock);
  const increment = linkIncrement(node, clock);
  const countsLater = needsResponse(node.args["condition"]) || needsResponse(node.args["incrementCount"]);
  const limit: QuotaLimit = {
    calls: optionalNumber(node, "calls"),
    bandwidth: optionalNumber(node, "bandwidth"),
    period: literalNumber(node, "period"),
    anchorMs: Date.parse(literalText(node, "firstPeriodStart") ?? "0001-01-01T00:00:00Z"),
  };
  return (exchange) => {
    const name = key(exchange);
    // One counter for everybody without a key would let a stranger use up what others are entitled to.
    if (name === "") return refuse("limiter-key-empty");
    const counter = `quota-by-key|${limit.period}|${limit.anchorMs}|${name}`;
    const first = isFirst(exchange, counter);
    const amount = first && !countsLater ? (increment(exchange) ?? 0) : 0;
    const { calls } = limit;
    if (first && countsLater && calls !== undefined) {
      exchange.whenAnswered(() => {
        forget(quota.add(counter, calls, limit.period, limit.anchorMs, countedAnyway(increment, exchange)));
      });
    }
    return takeQuota(quota, first ? limit : { ...limit, bandwidth: undefined }, counter, amount, exchange);
  };
}

function isFirst(exchange: Exchange, counter: string): boolean {
  let names = counted.get(exchange);
  if (names === undefined) counted.set(exchange, (names = new Set()));
  if (names.has(counter)) return false;
  names.add(counter);
  return true;
}

function optionalNumber(node: PolicyNode, name: string): number | undefined {
  return optionalValue(node, name) === undefined ? undefined : literalNumber(node, name);
}
