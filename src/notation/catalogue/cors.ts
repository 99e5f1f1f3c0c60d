import { type ArgumentProblem, type CheckedArguments, everyScope, itemsOf, literalOf } from "./common.ts";
import type { PolicySpec } from "./spec.ts";

export const cors: PolicySpec = {
  name: "cors",
  summary: "Lets browsers of other origins call: answers preflights, and marks the responses.",
  sections: ["inbound"],
  scopes: everyScope,
  once: true,
  args: {
    allowedOrigins: {
      type: "list",
      summary: "Origins (scheme://host[:port]), or * alone.",
      required: true,
      items: { type: "string", summary: "Origin.", expression: true },
      xml: "allowed-origins/origin",
    },
    allowedMethods: {
      type: "list",
      summary: "Methods; GET and POST when absent; * for any.",
      items: { type: "string", summary: "Method.", expression: true },
      xml: "allowed-methods/method",
    },
    allowedHeaders: {
      type: "list",
      summary: "Request headers that scripts may set; * for any.",
      items: { type: "string", summary: "Header." },
      xml: "allowed-headers/header",
    },
    exposeHeaders: {
      type: "list",
      summary: "Response headers that scripts may read.",
      items: { type: "string", summary: "Header." },
      xml: "expose-headers/header",
    },
    allowCredentials: {
      type: "boolean",
      summary: "Cookies and Authorization may be sent.",
      default: false,
      expression: true,
      xml: "@allow-credentials",
    },
    terminateUnmatchedRequest: {
      type: "boolean",
      summary: "Answers an unmatched origin with an empty 200 at once instead of going on without CORS headers.",
      default: true,
      expression: true,
      xml: "@terminate-unmatched-request",
    },
    preflightResultMaxAge: {
      type: "duration",
      summary: "How long a browser may keep a preflight's answer.",
      default: 0,
      min: 0,
      max: 86_400_000,
      expression: true,
      xml: "allowed-methods/@preflight-result-max-age",
    },
  },
  check: checkOrigins,
  example: `cors:
  allowedOrigins: [https://app.example.com]
  allowedMethods: [GET, POST, PUT]
  allowedHeaders: ["*"]
  allowCredentials: true
  preflightResultMaxAge: 10m`,
};

const origin = /^[a-z][a-z0-9+.-]*:\/\/[^\s/?#@]+\/?$/i;

function checkOrigins(args: CheckedArguments): ArgumentProblem | undefined {
  const origins = itemsOf(args["allowedOrigins"]);
  if (origins.length === 0) return { argument: "allowedOrigins", message: "needs at least one origin" };
  if (origins.some((item) => literalOf(item) === "*")) return checkAnyOrigin(args, origins.length);
  const wrong = origins.map(literalOf).find((text) => text !== undefined && !origin.test(String(text)));
  return wrong === undefined
    ? undefined
    : { argument: "allowedOrigins", message: `${String(wrong)} is not an origin: write scheme://host[:port]` };
}

/** With credentials `*` would let any web page act as whoever is logged in. */
function checkAnyOrigin(args: CheckedArguments, count: number): ArgumentProblem | undefined {
  if (count > 1) return { argument: "allowedOrigins", message: "* stands alone" };
  const credentials = args["allowCredentials"];
  return credentials === undefined || literalOf(credentials) === false
    ? undefined
    : { argument: "allowCredentials", message: "cannot be with the origin *: list the origins" };
}
