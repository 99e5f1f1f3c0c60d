import type { PolicyNode } from "#model/policy-tree.ts";
import { requiredValue } from "#policy/arguments.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { expressionFailed } from "#policy/failure.ts";
import { evaluateString } from "#policy/values.ts";

/** `token` of RFC 9110 §9.1: anything else could hold a space or a line end, and so another request. */
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,32}$/;

export function link(node: PolicyNode, context: LinkContext): Run {
  const method = evaluateString(requiredValue(node, "method"), context.ports.clock);
  return (exchange) => {
    const text = method(exchange);
    if (!token.test(text) || text === "CONNECT" || text === "TRACE") {
      throw expressionFailed("set-method gave what is no method, or one that is never forwarded");
    }
    exchange.request.method = text;
    return undefined;
  };
}
