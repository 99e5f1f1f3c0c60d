import { type Outcome, refuse } from "#model/decision.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import { literalNumber } from "#policy/arguments.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { secondsUntil } from "#policy/limit-report.ts";

/**
 * One counter per product and subscription. The number of calls is no part of its name, so that a raised quota
 * keeps what has been used.
 */
export function link(node: PolicyNode, context: LinkContext): Run {
  const { quota, quotaAnchorMs = 0 } = context.ports;
  const calls = literalNumber(node, "calls");
  const period = literalNumber(node, "period");
  return (exchange) => {
    const { subscription } = exchange;
    if (subscription === null) return undefined;
    const counter = `quota|${period}|${exchange.product?.name ?? ""}|${subscription.id}`;
    const left = quota.take(counter, calls, period, quotaAnchorMs);
    return typeof left === "number" ? outcomeOf(left) : left.then(outcomeOf);
  };
}

function outcomeOf(left: number): Outcome {
  if (left >= 0) return undefined;
  if (left === -Infinity) return refuse("quota-exceeded");
  const seconds = secondsUntil(left);
  return refuse("quota-exceeded", {
    message: `Out of call volume quota. Quota will be replenished in ${clockText(seconds)}.`,
    headers: ["Retry-After", String(seconds)],
  });
}

/** `[d.]hh:mm:ss` */
function clockText(seconds: number): string {
  const parts = [Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, seconds % 60];
  const time = parts.map((part) => String(part).padStart(2, "0")).join(":");
  const days = Math.floor(seconds / 86_400);
  return days === 0 ? time : `${days}.${time}`;
}
