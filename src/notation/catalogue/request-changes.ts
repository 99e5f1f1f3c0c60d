import { type ArgumentProblem, type CheckedArguments, everyScope, literalOf } from "./common.ts";
import type { ArgumentSpec, PolicySpec } from "./spec.ts";

export const rewriteUri: PolicySpec = {
  name: "rewrite-uri",
  summary: "Changes the path (and query) of the request to the backend.",
  sections: ["inbound"],
  scopes: everyScope,
  shorthand: "template",
  args: {
    template: {
      type: "string",
      summary:
        "Path, and query if wanted, below the backend's URL, which without a path is asked for as it is; {name} is a parameter of the operation, or one of the request's query.",
      required: true,
      expression: true,
    },
    copyUnmatchedParams: {
      type: "boolean",
      summary: "Keeps the query parameters of the request that the template does not name.",
      default: true,
      expression: true,
      xml: "@copy-unmatched-params",
    },
  },
  fromXml: withSlash,
  check: (args) => {
    const template = literalOf(args["template"]);
    if (typeof template !== "string" || beginsRight.test(template)) return undefined;
    return { argument: "template", message: "starts with /, or has no path at all" };
  },
  example: `rewrite-uri:
  template: /v2/orders/{id}
  copyUnmatchedParams: false`,
};

/** A path, a query alone, or nothing: the backend's URL itself. */
const beginsRight = /^(?:[/?]|$)/;

/** There the slash may be left out. */
function withSlash(args: CheckedArguments): CheckedArguments {
  const { template } = args;
  if (template?.kind !== "literal" || beginsRight.test(String(template.value))) return args;
  return { ...args, template: { ...template, value: `/${template.value}` } };
}

function optionalText(summary: string): ArgumentSpec {
  return { type: "string", summary, expression: true };
}

export const setBackendService: PolicySpec = {
  name: "set-backend-service",
  summary:
    "Chooses where the request goes. A computed URL must be allowed by egress.allow; a backend that a broader scope has named gives way to another name only.",
  sections: ["inbound", "backend"],
  scopes: everyScope,
  args: {
    backendId: { type: "string", summary: "Name of a backend.", expression: true, xml: "@backend-id" },
    baseUrl: { type: "string", summary: "Absolute URL.", expression: true, xml: "@base-url" },
    sfResolveCondition: optionalText(
      "Service Fabric: true where what is known of the service is wrong, so that the cluster is asked again.",
    ),
    sfServiceInstanceName: optionalText("Service Fabric: fabric:/application/service, instead of the cluster's own."),
    sfPartitionKey: optionalText("Service Fabric: key of the partition, an integer or a name."),
    sfListenerName: optionalText(
      "Service Fabric: name of the listener; the one without a name when absent, or the only one.",
    ),
    sfReplicaType: optionalText("Service Fabric: primary (when absent) or secondary, of a stateful service."),
    daprAppId: optionalText("Dapr: the application; backendId is dapr then."),
    daprMethod: optionalText("Dapr: its method, which may be a path; it takes the place of the request's own."),
    daprNamespace: optionalText("Dapr: its namespace, where it is another."),
  },
  check: (args) => (isForDapr(args) ? checkDapr(args) : (checkFabric(args) ?? oneDestination(args))),
  example: `set-backend-service:
  backendId: orders-eu`,
};

/** What is said of a service needs the cluster that it is in. */
function checkFabric(args: CheckedArguments): ArgumentProblem | undefined {
  const said = Object.keys(args).find((name) => name.startsWith("sf"));
  if (said === undefined || args["backendId"] !== undefined) return undefined;
  return { argument: said, message: "is for a cluster of Service Fabric: name it in backendId" };
}

/** Where an application that Dapr runs is the destination. */
function isForDapr(args: CheckedArguments): boolean {
  return ["daprAppId", "daprMethod", "daprNamespace"].some((name) => args[name] !== undefined);
}

function checkDapr({ backendId, baseUrl, daprAppId, daprMethod }: CheckedArguments): ArgumentProblem | undefined {
  if (literalOf(backendId) !== "dapr" || baseUrl !== undefined) {
    return { argument: "backendId", message: "is dapr where an application of Dapr is named" };
  }
  if (daprAppId === undefined) return { argument: "daprAppId", message: "is missing" };
  return daprMethod === undefined ? { argument: "daprMethod", message: "is missing" } : undefined;
}

function oneDestination(args: CheckedArguments): ArgumentProblem | undefined {
  const { backendId, baseUrl } = args;
  if ((backendId === undefined) === (baseUrl === undefined)) {
    return { argument: "backendId", message: "give either backendId or baseUrl" };
  }
  const url = literalOf(baseUrl);
  if (url === undefined || /^https?:\/\/[^\s/?#@\\]+(\/[^\s?#\\]*)?$/.test(String(url))) return undefined;
  return { argument: "baseUrl", message: "is an absolute http or https URL without user, query and fragment" };
}

const method = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,32}$/;

export const setMethod: PolicySpec = {
  name: "set-method",
  summary: "Changes the method of the request to the backend.",
  sections: ["inbound", "on-error"],
  scopes: everyScope,
  shorthand: "method",
  args: { method: { type: "string", summary: "Method.", required: true, expression: true, xml: "." } },
  check: (args) => {
    const text = literalOf(args["method"]);
    return text === undefined || method.test(String(text))
      ? undefined
      : { argument: "method", message: "is no method" };
  },
  example: "set-method: POST",
};

export const forwardRequest: PolicySpec = {
  name: "forward-request",
  summary: "Sends the request to the backend. A backend section without it never calls the backend.",
  sections: ["backend"],
  scopes: everyScope,
  args: {
    timeout: {
      type: "duration",
      summary: "Longest time until the response's headers.",
      min: 1,
      max: 3_600_000,
      expression: true,
    },
    timeoutMs: { type: "integer", summary: "The same in milliseconds.", min: 1, max: 3_600_000, expression: true },
    continueTimeout: {
      type: "duration",
      summary: "Longest wait for 100 (Continue), where the client waits for it too. 1 s when absent.",
      min: 0,
      max: 3_600_000,
      expression: true,
    },
    httpVersion: {
      type: "enum",
      summary:
        "Version of HTTP, instead of the backend's protocol: 2 is HTTP/2 alone, in clear text by prior knowledge; 2or1 takes what the backend chooses by ALPN.",
      values: ["1", "2", "2or1"],
    },
    followRedirects: {
      type: "boolean",
      summary: "Follows redirects instead of passing them on; one to another host must be allowed by egress.allow.",
      default: false,
      expression: true,
    },
    bufferRequestBody: {
      type: "boolean",
      summary: "Takes the request's body into memory first, so that a retry can send it again.",
      default: false,
    },
    bufferResponse: {
      type: "boolean",
      summary: "Whether pieces of the response may be gathered. Here all is passed on as it comes, either way.",
      default: true,
    },
    failOnErrorStatusCode: {
      type: "boolean",
      summary: "A status of 400 to 599 is an error, and on-error runs.",
      default: false,
    },
  },
  check: ({ timeout, timeoutMs }) =>
    timeout !== undefined && timeoutMs !== undefined
      ? { argument: "timeoutMs", message: "timeout already says it" }
      : undefined,
  example: `forward-request:
  timeout: 20s`,
};
