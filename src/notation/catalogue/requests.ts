import { type ArgumentProblem, type CheckedArguments, everyScope, everySection, literalOf } from "./common.ts";
import type { ArgumentSpec, PolicySpec } from "./spec.ts";

const senders = ["send-request", "send-one-way-request"];

const mode: ArgumentSpec = {
  type: "enum",
  summary: "new begins with nothing, copy with the request itself.",
  values: ["new", "copy"],
  default: "new",
  expression: true,
};

const timeout: ArgumentSpec = {
  type: "duration",
  summary: "Longest time for the answer.",
  default: 60_000,
  min: 1,
  max: 3_600_000,
  expression: true,
};

const policies: ArgumentSpec = {
  type: "policies",
  summary: "What makes up the request.",
  only: [
    "set-url",
    "set-method",
    "set-header",
    "set-body",
    "authentication-basic",
    "authentication-certificate",
    "authentication-managed-identity",
    "proxy",
  ],
  parts: true,
  xml: "*",
};

export const sendRequest: PolicySpec = {
  name: "send-request",
  summary: "Asks another service and keeps its response in a variable: status, reason, headers, body and json of it.",
  sections: everySection,
  scopes: everyScope,
  args: {
    mode,
    responseVariable: {
      type: "string",
      summary: "Variable that gets the response.",
      required: true,
      xml: "@response-variable-name",
    },
    timeout,
    ignoreError: {
      type: "boolean",
      summary: "Goes on without a response when there is none.",
      default: false,
      expression: true,
    },
    policies,
  },
  check: hasUrl,
  example: `send-request:
  responseVariable: status
  policies:
    - set-url: https://status.example.com/
    - set-method: GET`,
};

export const sendOneWayRequest: PolicySpec = {
  name: "send-one-way-request",
  summary: "Tells another service something and does not wait.",
  sections: everySection,
  scopes: everyScope,
  args: { mode, timeout, policies },
  check: hasUrl,
  example: `send-one-way-request:
  policies:
    - set-url: https://hooks.example.com/
    - set-method: POST`,
};

function hasUrl(args: CheckedArguments): ArgumentProblem | undefined {
  const inner = args["policies"];
  const given = inner?.kind === "policies" && inner.policies.some(({ name }) => name === "set-url");
  // A copy goes to where the request itself would, if egress control lets it.
  const begins = literalOf(args["mode"]) ?? (args["mode"] === undefined ? "new" : "copy");
  return given || String(begins).toLowerCase() === "copy"
    ? undefined
    : { argument: "policies", message: "lacks set-url" };
}

export const setUrl: PolicySpec = {
  name: "set-url",
  summary:
    "URL of the request that is sent. One that is computed as a whole must be allowed by egress.allow; one whose host is written out need not.",
  sections: everySection,
  scopes: everyScope,
  inside: senders,
  shorthand: "url",
  args: { url: { type: "string", summary: "Absolute URL.", required: true, expression: true, xml: "." } },
  check: ({ url }) => {
    const text = literalOf(url);
    if (text === undefined || isCallable(String(text))) return undefined;
    return { argument: "url", message: "is an absolute http or https URL without user" };
  },
  example: "set-url: https://status.example.com/",
};

function isCallable(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "";
}

export const proxy: PolicySpec = {
  name: "proxy",
  summary: "Sends by way of a forward proxy, TLS in a tunnel (CONNECT).",
  sections: ["inbound"],
  scopes: everyScope,
  args: {
    url: {
      type: "string",
      summary: "URL of the proxy, http://host:port. A computed one must be allowed by egress.allow.",
      required: true,
      expression: true,
    },
    username: { type: "string", summary: "User.", expression: true },
    password: { type: "string", summary: "Password.", expression: true },
  },
  check: ({ url }) => {
    const text = literalOf(url);
    if (text === undefined || /^http:\/\/[^/?#@\s]+\/?$/i.test(String(text))) return undefined;
    return { argument: "url", message: "is http://host:port" };
  },
  example: "proxy: { url: http://proxy.example.com:3128 }",
};
