import type { Exchange } from "#model/exchange.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import { optionalValue, requiredValue } from "#policy/arguments.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { linkDaprCall, type DaprMessage } from "#policy/dapr/dapr-call.ts";
import { linkData } from "#policy/dapr/dapr-data.ts";
import { segment, segments } from "#policy/path-segments.ts";
import { expressionFailed } from "#policy/failure.ts";
import { evaluateString } from "#policy/values.ts";

/** @see Dapr's publish API: POST /v1.0/publish/<component>/<topic> */
export function link(node: PolicyNode, context: LinkContext): Run {
  const { clock } = context.ports;
  const topic = evaluateString(requiredValue(node, "topic"), clock);
  const component = optionalValue(node, "pubSubName");
  const name = component === undefined ? undefined : evaluateString(component, clock);
  const type = optionalValue(node, "contentType");
  const contentType = type === undefined ? () => "" : evaluateString(type, clock);
  const data = linkData(node, context);
  const make = async (exchange: Exchange): Promise<DaprMessage> => ({
    path: `/v1.0/publish/${target(name?.(exchange), topic(exchange))}`,
    contentType: contentType(exchange),
    body: await data(exchange),
  });
  return linkDaprCall(node, context, make);
}

function target(component: string | undefined, topic: string): string {
  if (component !== undefined) return `${segment(component, "the component")}/${segments(topic, "the topic")}`;
  if (!topic.includes("/")) throw expressionFailed("publish-to-dapr: the topic is not component/topic");
  return segments(topic, "the topic");
}
