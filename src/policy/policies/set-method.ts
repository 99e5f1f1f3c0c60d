import type { PolicyNode } from "#model/policy-tree.ts";
import { requiredValue } from "#policy/arguments.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { checkedMethod } from "#policy/checked-method.ts";
import { evaluateString } from "#policy/values.ts";

export function link(node: PolicyNode, context: LinkContext): Run {
  const method = evaluateString(requiredValue(node, "method"), context.ports.clock);
  return (exchange) => {
    exchange.request.method = checkedMethod(method(exchange));
    return undefined;
  };
}
