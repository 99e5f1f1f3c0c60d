import type { Exchange } from "#model/exchange.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { expressionFailed } from "#policy/failure.ts";
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
  if (name.toLowerCase() === "host") setHost(exchange, name, action, values);
  else changeHeader(writableRequestHeaders(exchange), name, action, values, exchange);
}

/** Host is always there, and there is one: it can be replaced, by something that is a host. @see RFC 9110 §7.2 */
function setHost(exchange: Exchange, name: string, action: string, values: readonly Evaluate<string>[]): void {
  if (action === "skip") return;
  const value = values.length === 1 ? (values[0] as Evaluate<string>)(exchange) : "";
  if (action !== "override" || !/^[A-Za-z0-9.\-_:[\]]{1,255}$/.test(value)) {
    throw expressionFailed("set-header: Host can only be replaced by one host");
  }
  writableRequestHeaders(exchange).set(name, value);
  exchange.request.hostSet = true;
}
