import type { PolicyNode } from "#model/policy-tree.ts";
import { bytesOf } from "#policy/answer-changes.ts";
import { requiredValue } from "#policy/arguments.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { messageOf } from "#policy/message.ts";
import { evaluateAny } from "#policy/values.ts";

/**
 * Content-Type stays, as in API Management. Content-Encoding goes: it described the body that was replaced, and
 * nobody could decode the new one by it.
 */
export function link(node: PolicyNode, context: LinkContext): Run {
  const body = evaluateAny(requiredValue(node, "body"), context.ports.clock);
  const message = messageOf(context.section);
  return (exchange) => {
    message.setBody(exchange, bytesOf(body(exchange)));
    return undefined;
  };
}
