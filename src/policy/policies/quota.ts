import type { Outcome } from "#model/decision.ts";
import type { Exchange } from "#model/exchange.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import type { QuotaCounters } from "#model/ports.ts";
import { literalNumber, optionalValue } from "#policy/arguments.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { linkNestedLimits } from "#policy/nested-limits.ts";
import { type QuotaLimit, takeQuota } from "#policy/quota-limit.ts";

interface Quota {
  readonly limit: QuotaLimit;
  /** Behind the subscription's name. */
  readonly place: string;
  readonly isFor: (exchange: Exchange) => boolean;
}

/**
 * One counter per product and subscription. The number of calls is no part of its name, so that a raised quota
 * keeps what has been used. Quotas of single APIs and operations count besides, each by itself.
 */
export function link(node: PolicyNode, context: LinkContext): Run {
  const { quota, quotaAnchorMs: anchorMs = 0 } = context.ports;
  const own: Quota = {
    limit: {
      calls: optionalNumber(node, "calls"),
      bandwidth: optionalNumber(node, "bandwidth"),
      period: literalNumber(node, "period"),
      anchorMs,
    },
    place: "",
    isFor: () => true,
  };
  const nested = linkNestedLimits(node).map(({ place, isFor, ...limit }): Quota => ({
    limit: { ...limit, anchorMs },
    place: `|${place}`,
    isFor,
  }));
  if (nested.length === 0) return (exchange) => take(quota, own, exchange);
  return (exchange) => takeAll(quota, [own, ...nested], exchange);
}

function take(quota: QuotaCounters, { limit, place }: Quota, exchange: Exchange): Outcome | Promise<Outcome> {
  const { subscription } = exchange;
  if (subscription === null) return undefined;
  const counter = `quota|${limit.period}|${exchange.product?.name ?? ""}|${subscription.id}${place}`;
  return takeQuota(quota, limit, counter, 1, exchange);
}

async function takeAll(quota: QuotaCounters, quotas: readonly Quota[], exchange: Exchange): Promise<Outcome> {
  for (const one of quotas) {
    const outcome = one.isFor(exchange) ? await take(quota, one, exchange) : undefined;
    if (outcome !== undefined) return outcome;
  }
  return undefined;
}

function optionalNumber(node: PolicyNode, name: string): number | undefined {
  return optionalValue(node, name) === undefined ? undefined : literalNumber(node, name);
}
