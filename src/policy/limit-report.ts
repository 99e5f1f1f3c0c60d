import type { Exchange } from "#model/exchange.ts";
import { type Refusal, refuse } from "#model/decision.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import { literalText } from "./arguments.ts";

interface Reporting {
  readonly retryAfterHeader: string;
  readonly retryAfterVariable: string | undefined;
  readonly remainingHeader: string | undefined;
  readonly remainingVariable: string | undefined;
  readonly totalHeader: string | undefined;
}

/** Tells the client and later policies how a limit stands. `left` is what the limiter gave. */
export type ReportLimit = (exchange: Exchange, calls: number, left: number) => Refusal | undefined;

export function linkLimitReport(node: PolicyNode): ReportLimit {
  const names: Reporting = {
    retryAfterHeader: literalText(node, "retryAfterHeader") ?? "Retry-After",
    retryAfterVariable: literalText(node, "retryAfterVariable"),
    remainingHeader: literalText(node, "remainingHeader"),
    remainingVariable: literalText(node, "remainingVariable"),
    totalHeader: literalText(node, "totalHeader"),
  };
  return (exchange, calls, left) => {
    const remaining = left > 0 ? left : 0;
    if (names.remainingHeader !== undefined) exchange.addResponseHeader(names.remainingHeader, String(remaining));
    if (names.totalHeader !== undefined) exchange.addResponseHeader(names.totalHeader, String(calls));
    if (names.remainingVariable !== undefined) exchange.setVariable(names.remainingVariable, remaining);
    return left >= 0 ? undefined : exceeded(exchange, names, secondsUntil(left));
  };
}

/** Whole seconds until the next call can pass, never 0: a client that obeys must not come back too early. */
export function secondsUntil(left: number): number {
  return Math.max(1, Math.ceil(-left / 1000));
}

function exceeded(exchange: Exchange, names: Reporting, seconds: number): Refusal {
  if (names.retryAfterVariable !== undefined) exchange.setVariable(names.retryAfterVariable, seconds);
  return refuse("rate-limit-exceeded", {
    lastError: { message: "Rate limit is exceeded" },
    message: `Rate limit is exceeded. Try again in ${seconds} seconds.`,
    headers: [names.retryAfterHeader, String(seconds)],
  });
}
