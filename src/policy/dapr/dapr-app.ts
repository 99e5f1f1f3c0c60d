import type { Exchange } from "#model/exchange.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import { optionalValue, requiredValue } from "#policy/arguments.ts";
import type { PolicyPorts, Run } from "#policy/context.ts";
import { expressionFailed } from "#policy/failure.ts";
import { evaluateString } from "#policy/values.ts";
import { sidecarUrl } from "./sidecar.ts";

/** Also the namespace: it stands behind the name, and Dapr tells them apart by the dot. */
const appName = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,253}[A-Za-z0-9])?$/;
/** What a path may hold as it stands, without a segment that leads elsewhere. */
const methodPath = /^(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})*$/;
const dotSegment = /(?:^|\/)(?:\.|%2e){1,2}(?:\/|$)/i;
const methodQuery = /^(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?]|%[0-9A-Fa-f]{2})*$/;

/**
 * The request goes to a method of an application, by way of the sidecar: the method takes the place of its path, the
 * query stays. The sidecar stands in the definition; which of its applications it is may be computed.
 * @see Dapr's service invocation API: /v1.0/invoke/<app>[.<namespace>]/method/<method>
 */
export function linkDaprApp(node: PolicyNode, ports: PolicyPorts): Run {
  const base = `${sidecarUrl(node, ports)}/v1.0/invoke`;
  const { clock } = ports;
  const app = evaluateString(requiredValue(node, "daprAppId"), clock);
  const method = evaluateString(requiredValue(node, "daprMethod"), clock);
  const given = optionalValue(node, "daprNamespace");
  const namespace = given === undefined ? undefined : evaluateString(given, clock);
  return (exchange) => {
    const within = namespace?.(exchange) ?? "";
    const name = within === "" ? app(exchange) : `${app(exchange)}.${within}`;
    if (!appName.test(name)) throw expressionFailed("set-backend-service: daprAppId or daprNamespace is no name");
    setMethod(exchange, method(exchange));
    exchange.request.baseUrl = `${base}/${name}/method`;
    exchange.request.baseUrlComputed = false;
    exchange.request.retarget = null;
    exchange.request.backend = -1;
    return undefined;
  };
}

function setMethod({ request }: Exchange, method: string): void {
  const mark = method.indexOf("?");
  const path = (mark < 0 ? method : method.slice(0, mark)).replace(/^\//, "");
  const query = mark < 0 ? "" : method.slice(mark + 1);
  if (!methodPath.test(path) || dotSegment.test(path) || !methodQuery.test(query)) {
    throw expressionFailed("set-backend-service: daprMethod is no path");
  }
  request.path = `/${path}`;
  if (query !== "") request.query = request.query === "" ? query : `${query}&${request.query}`;
}
