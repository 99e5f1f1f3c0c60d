import type { Exchange } from "#model/exchange.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import type { Clock } from "#model/ports.ts";
import { optionalValue, requiredValue } from "#policy/arguments.ts";
import { expressionFailed } from "#policy/failure.ts";
import { evaluateBoolean, evaluateString } from "#policy/values.ts";

/** What stands in `Cache-Control` for the client, by the time that is left; null: what the response says. */
export type DownstreamRule = ((lifetimeMs: number) => string) | null;

export function linkDownstream(node: PolicyNode, clock: Clock): (exchange: Exchange) => DownstreamRule {
  const given = optionalValue(node, "downstreamCaching");
  if (given === undefined) return () => null;
  const kind = evaluateString(given, clock);
  const revalidates = evaluateBoolean(requiredValue(node, "mustRevalidate"), clock);
  return (exchange) => ruleOf(kind(exchange).toLowerCase(), () => revalidates(exchange));
}

function ruleOf(kind: string, revalidates: () => boolean): DownstreamRule {
  if (kind === "none") return () => "no-store";
  if (kind !== "private" && kind !== "public") {
    throw expressionFailed("downstreamCaching is none, private or public");
  }
  const suffix = revalidates() ? ", must-revalidate" : "";
  return (lifetimeMs) => `${kind}, max-age=${Math.max(0, Math.floor(lifetimeMs / 1000))}${suffix}`;
}
