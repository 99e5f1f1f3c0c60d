import type { Exchange } from "#model/exchange.ts";
import type { PolicyNode, Scope } from "#model/policy-tree.ts";
import { literalNumber } from "#policy/arguments.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { linkLimitReport } from "#policy/limit-report.ts";

/** One counter per subscription and place of the policy; without a subscription nothing is counted. */
export function link(node: PolicyNode, context: LinkContext): Run {
  const { rateLimiter, limiterId } = context.ports;
  const calls = literalNumber(node, "calls");
  const period = literalNumber(node, "period");
  const limiter = limiterId("rate-limit", calls, period);
  const report = linkLimitReport(node);
  const { scope } = context;
  return (exchange) => {
    const { subscription } = exchange;
    if (subscription === null) return undefined;
    const key = `${placeOf(scope, exchange)}|${subscription.id}`;
    return report(exchange, calls, rateLimiter.take(limiter, key, calls, period));
  };
}

/** What tells two rate-limit policies of equal numbers apart. */
function placeOf(scope: Scope, exchange: Exchange): string {
  if (scope === "product") return `product|${exchange.product?.name ?? ""}`;
  const api = exchange.api?.name ?? "";
  return scope === "operation" ? `operation|${api}|${exchange.route?.operation ?? ""}` : `${scope}|${api}`;
}
