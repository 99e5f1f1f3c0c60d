import { GatewayError } from "#model/errors.ts";
import type { Value } from "#model/policy-tree.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import { optionalValue, requiredValue } from "#policy/arguments.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { linkDaprApp } from "#policy/dapr/dapr-app.ts";
import { expressionFailed } from "#policy/failure.ts";
import { linkFabricService } from "#policy/service-fabric/fabric-service.ts";
import { evaluateString } from "#policy/values.ts";

/**
 * The last one that runs wins, except that a backend chosen by its name in a broader scope gives way to another name
 * only: as in API Management, where a base URL would lose the backend's credentials and circuit breaker.
 */
export function link(node: PolicyNode, context: LinkContext): Run {
  if (optionalValue(node, "daprAppId") !== undefined) return linkDaprApp(node, context.ports);
  const backendId = optionalValue(node, "backendId");
  return backendId === undefined
    ? chooseUrl(requiredValue(node, "baseUrl"), context)
    : chooseBackend(node, backendId, context);
}

function chooseBackend(node: PolicyNode, value: Value, { ports, scope }: LinkContext): Run {
  const name = evaluateString(value, ports.clock);
  const indexes = new Map(ports.backends.map((backend, index) => [backend.name, index]));
  const clusters = new Map(ports.fabricClusters.map((cluster) => [cluster.name, cluster]));
  const chooseService = linkFabricService(node, scope, ports);
  return (exchange) => {
    const wanted = name(exchange);
    const cluster = clusters.get(wanted);
    if (cluster !== undefined) return chooseService(exchange, cluster)?.then(() => undefined);
    const index = indexes.get(wanted);
    if (index === undefined) throw new GatewayError("internal", 500, "set-backend-service: there is no such backend");
    exchange.request.backend = index;
    exchange.request.ending = -1;
    exchange.request.backendScope = scope;
    exchange.request.baseUrl = null;
    exchange.request.baseUrlComputed = false;
    exchange.request.retarget = null;
    return undefined;
  };
}

/** A URL with any computed part may hold what a client sent, so egress control decides whether it is dialled. */
function chooseUrl(value: Value, context: LinkContext): Run {
  const url = evaluateString(value, context.ports.clock);
  const computed = value.kind !== "literal";
  return (exchange) => {
    const { backendScope } = exchange.request;
    const text = url(exchange);
    if (backendScope !== null && backendScope !== context.scope) return undefined;
    exchange.request.backendScope = null;
    exchange.request.ending = -1;
    exchange.request.baseUrl = computed ? checkedUrl(text) : text;
    exchange.request.baseUrlComputed = computed;
    exchange.request.retarget = null;
    exchange.request.backend = -1;
    return undefined;
  };
}

/**
 * Only what every parser reads the same way: no user part, no backslash, no query that would swallow the path
 * (`https://a\@b/`, `https://a/x?`).
 */
function checkedUrl(text: string): string {
  if (!/^https?:\/\/[A-Za-z0-9.\-_[\]:]+(\/[A-Za-z0-9\-._~!$&'()*+,;=:@%/]*)?$/.test(text) || !URL.canParse(text)) {
    throw expressionFailed("baseUrl is no absolute http or https URL without user, query and fragment");
  }
  return text;
}
