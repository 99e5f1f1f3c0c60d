import type { Exchange } from "#model/exchange.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import { readsOfPolicy } from "#notation/policies/body-reads.ts";
import { bytesOf } from "#policy/answer-changes.ts";
import { literalText, requiredValue } from "#policy/arguments.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { linkLiquid } from "#policy/liquid/link-liquid.ts";
import { messageOf } from "#policy/message.ts";
import { evaluateContent } from "#policy/values.ts";

const unknown = new Uint8Array(0);

/**
 * Content-Type stays, as in API Management. Content-Encoding goes: it described the body that was replaced, and
 * nobody could decode the new one by it.
 */
export function link(node: PolicyNode, context: LinkContext): Run {
  const message = messageOf(context.section);
  const usesResponse = readsOfPolicy(node, context.section).response;
  const set = (exchange: Exchange, body: Uint8Array): undefined => {
    // What a GET would be sent cannot be made of a body that is not there, so nothing is said of its length.
    const isUnknown = usesResponse && exchange.response?.body === null && exchange.facts.method === "HEAD";
    message.setBody(exchange, isUnknown ? unknown : body);
  };
  if (literalText(node, "template") === "liquid") {
    const liquid = linkLiquid(node, context.ports, message);
    return (exchange) => {
      const body = liquid(exchange);
      return body instanceof Promise ? body.then((late) => set(exchange, late)) : set(exchange, body);
    };
  }
  const body = evaluateContent(requiredValue(node, "body"), context.ports.clock);
  return (exchange) => set(exchange, bytesOf(body(exchange)));
}
