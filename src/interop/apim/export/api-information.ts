import type { Api } from "#model/definition.ts";
import type { OpenApi } from "#model/open-definition.ts";
import { kindOf } from "./api-kind.ts";
import { plainTarget } from "./backends.ts";
import type { Export } from "./export.ts";

/** `properties` of apiInformation.json. */
export function apiInformation(context: Export, api: Api, open: OpenApi): Readonly<Record<string, unknown>> {
  const kind = kindOf(api, open);
  const { version, revision, subscriptionKey } = api;
  const service = api.backend === null ? undefined : plainTarget(context, api.backend);
  reportLost(context, api);
  const names = { header: subscriptionKey.header, query: subscriptionKey.query };
  const isUsual = names.header === "Ocp-Apim-Subscription-Key" && names.query === "subscription-key";
  return {
    path: pathOf(api, open),
    ...(revision === null ? {} : { apiRevision: String(revision.number), isCurrent: revision.current }),
    ...(version === null
      ? {}
      : {
          ...(version.name === "" ? {} : { apiVersion: version.name }),
          apiVersionSetId: `/apiVersionSets/${version.set}`,
        }),
    displayName: api.displayName,
    protocols: kind === "websocket" ? ["wss"] : ["https"],
    ...(kind === "http" ? {} : { type: kind }),
    ...(service === undefined ? {} : { serviceUrl: kind === "websocket" ? service.replace(/^http/, "ws") : service }),
    subscriptionRequired: needsKey(context, api),
    ...(isUsual ? {} : { subscriptionKeyParameterNames: names }),
  };
}

/** A version in the path is the version set's to put there. */
function pathOf(api: Api, { path }: OpenApi): string {
  const { version } = api;
  return (version === null ? api.path : path).replace(/^\/+/, "");
}

/** Products ask for it, unless the API is open to all by its own word. */
function needsKey({ definition, report }: Export, api: Api): boolean {
  const isHeld = definition.products.some(({ apis }) => apis.includes(api.name));
  if (!isHeld) return false;
  const open = api.operations.filter(
    ({ access }) => (access.kind === "unsaid" ? api.access : access).kind === "public",
  );
  if (open.length === 0) return true;
  if (open.length === api.operations.length) return false;
  const names = open.map(({ name }) => name).join(", ");
  report.change(`apis.${api.name}`, `${names} asks for a key there too: an API asks for one or does not`);
  return true;
}

/** Settings of an API without a counterpart. Each is left out by name. */
function reportLost({ report, definition }: Export, api: Api): void {
  const from = `apis.${api.name}`;
  if (definition.providers.length > 0 && api.identity === undefined) {
    report.leave(from, "identity: its backend is sent no X-Auth-Request-… fields");
  }
  const isHeld = definition.products.some(({ apis }) => apis.includes(api.name));
  if (!api.subscriptionKey.forward && !isHeld)
    report.leave(from, "subscriptionKey: a key that is sent all the same travels on to the backend");
  if (api.hosts.length > 0) report.leave(from, `hosts: there, every API is at every host name of the service`);
  if (api.timeoutMs !== 300_000) {
    report.change(
      from,
      `timeout: there, a backend has 300 s unless forward-request says otherwise, here ${api.timeoutMs / 1000} s`,
    );
  }
  if (api.bodyBytes !== null) report.leave(from, "bodySize: bodies are as long as API Management takes them");
  if (api.compression !== null) report.leave(from, "compress");
  if (api.maintenance !== null) report.leave(from, "maintenance: it is served there");
  if (api.shadow !== undefined && api.shadow !== null) report.leave(from, "shadow: the old gateway is not asked there");
  if (api.ports !== undefined) report.leave(from, "ports: there, every API is at the service's own");
  if (api.trustedProxies.length > 0) report.leave(from, "trustedProxies");
  if (api.forwardAuth) report.leave(from, "forwardAuth");
  if (api.retryMethods !== null) report.leave(from, "retries");
  if (api.identity !== undefined) report.leave(from, "identity: its backend is not told who calls");
  if (api.errors !== "api-management") report.change(from, "errors: refusals have API Management's own bodies there");
}
