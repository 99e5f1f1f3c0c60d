import type { Exchange } from "#model/exchange.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { checkedHost } from "#policy/checked-host.ts";
import { changeForwardingField, isForwardingField } from "#policy/forwarding-field.ts";
import { changeHeader, linkHeaderChange } from "#policy/header-change.ts";
import { responseOf, writableRequestHeaders } from "#policy/request-draft.ts";
import type { Evaluate } from "#policy/values.ts";

export function link(node: PolicyNode, context: LinkContext): Run {
  const { name, action, values } = linkHeaderChange(node, context.ports.clock);
  const ofRequest = context.section === "inbound" || context.section === "backend";
  return (exchange) => {
    const field = name(exchange);
    if (ofRequest) changeRequest(exchange, field, action(exchange), values);
    else changeHeader(responseOf(exchange).headers, field, action(exchange), values, exchange);
    return undefined;
  };
}

function changeRequest(exchange: Exchange, name: string, action: string, values: readonly Evaluate<string>[]): void {
  const lowerName = name.toLowerCase();
  if (lowerName === "host") setHost(exchange, name, action, values);
  else if (isForwardingField(lowerName)) changeForwardingField(exchange, name, action, values);
  else changeHeader(writableRequestHeaders(exchange), name, action, values, exchange);
}

function setHost(exchange: Exchange, name: string, action: string, values: readonly Evaluate<string>[]): void {
  const value = checkedHost(action, values, exchange);
  if (value === undefined) return;
  writableRequestHeaders(exchange).set(name, value);
  exchange.request.hostSet = true;
}
