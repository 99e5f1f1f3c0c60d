import type { PolicyNode } from "#model/policy-tree.ts";
import { literalText, requiredValue } from "#policy/arguments.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { linkDimensions } from "#policy/dimensions.ts";
import { expressionFailed } from "#policy/failure.ts";
import { evaluateNumber } from "#policy/values.ts";

export function link(node: PolicyNode, { ports }: LinkContext): Run {
  const metric = literalText(node, "name") ?? "";
  const namespace = literalText(node, "namespace") ?? "";
  const value = evaluateNumber(requiredValue(node, "value"), ports.clock);
  const dimensions = linkDimensions(node, ports);
  return (exchange) => {
    const amount = value(exchange);
    // What Prometheus takes for a counter must never fall.
    if (!(amount >= 0)) throw expressionFailed("a metric cannot be added less than nothing");
    ports.policyMeter.emit(namespace, metric, dimensions(exchange), amount, exchange);
    return undefined;
  };
}
