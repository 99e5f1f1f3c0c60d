import type { PolicyNode } from "#model/policy-tree.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { linkProxy } from "#policy/proxy-destination.ts";

/** Of the call to the backend; a call of a policy has its own. */
export function link(node: PolicyNode, context: LinkContext): Run {
  const proxy = linkProxy(node, context.ports.clock);
  return (exchange) => {
    exchange.request.proxy = proxy(exchange);
    return undefined;
  };
}
