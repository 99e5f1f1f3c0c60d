import type { PolicyNode } from "#model/policy-tree.ts";
import { bytesOf } from "#policy/answer-changes.ts";
import { literalText, requiredValue } from "#policy/arguments.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { linkLiquid } from "#policy/liquid/link-liquid.ts";
import { messageOf } from "#policy/message.ts";
import { evaluateContent } from "#policy/values.ts";

/**
 * Content-Type stays, as in API Management. Content-Encoding goes: it described the body that was replaced, and
 * nobody could decode the new one by it.
 */
export function link(node: PolicyNode, context: LinkContext): Run {
  const message = messageOf(context.section);
  if (literalText(node, "template") === "liquid") {
    const liquid = linkLiquid(node, context.ports, message);
    return (exchange) => {
      const body = liquid(exchange);
      if (body instanceof Promise) return body.then((late) => void message.setBody(exchange, late));
      message.setBody(exchange, body);
      return undefined;
    };
  }
  const body = evaluateContent(requiredValue(node, "body"), context.ports.clock);
  return (exchange) => {
    message.setBody(exchange, bytesOf(body(exchange)));
    return undefined;
  };
}
