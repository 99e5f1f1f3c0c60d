import type { Refusal } from "#model/decision.ts";
import type { Exchange } from "#model/exchange.ts";
import type { PolicyNode, Scope } from "#model/policy-tree.ts";
import { literalNumber } from "#policy/arguments.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { linkLimitReport } from "#policy/limit-report.ts";
import { linkNestedLimits } from "#policy/nested-limits.ts";

/** One counter per subscription and place of the policy; without a subscription nothing is counted. */
export function link(node: PolicyNode, context: LinkContext): Run {
  const { rateLimiter, limiterId } = context.ports;
  const calls = literalNumber(node, "calls");
  const period = literalNumber(node, "period");
  const limiter = limiterId("rate-limit", calls, period);
  const report = linkLimitReport(node);
  const nested = linkNestedLimits(node);
  const { scope } = context;

  const take = (exchange: Exchange, most: number, periodMs: number, key: string, id: number): Refusal | undefined =>
    report(exchange, most, rateLimiter.take(id, key, most, periodMs));

  return (exchange) => {
    const { subscription } = exchange;
    if (subscription === null) return undefined;
    const key = `${placeOf(scope, exchange)}|${subscription.id}`;
    const refused = take(exchange, calls, period, key, limiter);
    if (refused !== undefined || nested.length === 0) return refused;
    for (const { place, calls: most = 0, period: periodMs, isFor } of nested) {
      if (!isFor(exchange)) continue;
      const id = limiterId("rate-limit", most, periodMs);
      const inner = take(exchange, most, periodMs, `${key}|${place}`, id);
      if (inner !== undefined) return inner;
    }
    return undefined;
  };
}

/** What tells two rate-limit policies of equal numbers apart. */
function placeOf(scope: Scope, exchange: Exchange): string {
  if (scope === "product") return `product|${exchange.product?.name ?? ""}`;
  const api = exchange.api?.name ?? "";
  return scope === "operation" ? `operation|${api}|${exchange.route?.operation ?? ""}` : `${scope}|${api}`;
}
