import { type ArgumentProblem, type CheckedArguments, everyScope, everySection, literalOf } from "./common.ts";
import { fieldNameProblem } from "./field-names.ts";
import { checkTemplateIn, templateReadsBody } from "./liquid-template.ts";
import type { ArgumentSpec, PolicySpec } from "./spec.ts";

const reason: ArgumentSpec = {
  type: "string",
  summary: "Reason phrase; the standard one when absent.",
  expression: true,
};

export const returnResponse: PolicySpec = {
  name: "return-response",
  summary: "Answers the client and ends the request; later sections do not run.",
  sections: everySection,
  scopes: everyScope,
  forwardAuth: refusingOnly,
  args: {
    status: {
      type: "integer",
      summary: "Status; 200 when absent, or that of responseVariable.",
      min: 200,
      max: 599,
      expression: true,
      xml: null,
    },
    reason: { ...reason, xml: null },
    headers: {
      type: "map",
      summary: "Header fields: name to value or values.",
      additional: {
        type: "list",
        summary: "Values.",
        items: { type: "string", summary: "Value.", expression: true },
      },
      xml: null,
    },
    body: { type: "string", summary: "Body.", expression: true, xml: null },
    responseVariable: {
      type: "string",
      summary: "Variable with the response to begin with, of send-request.",
      xml: "@response-variable-name",
    },
    outbound: {
      type: "boolean",
      summary: "Later policies run on the answer: those of outbound in inbound, those that follow elsewhere.",
      default: false,
      xml: null,
    },
    policies: {
      type: "policies",
      summary: "set-status, set-header and set-body, applied in order to what the other arguments say.",
      only: ["set-status", "set-header", "set-body"],
      parts: true,
      xml: "*",
    },
  },
  check: checkHeaders,
  example: `return-response:
  status: 403
  headers: { Content-Type: application/json }
  body: '{"message":"Not for \${principal.kind}."}'`,
};

function checkHeaders(args: CheckedArguments): ArgumentProblem | undefined {
  const { headers } = args;
  if (headers?.kind !== "map") return undefined;
  for (const name of Object.keys(headers.entries)) {
    const problem = fieldNameProblem(name);
    if (problem !== undefined) return { argument: "headers", message: problem };
  }
  return undefined;
}

/** The proxy that asks takes any 2xx for leave to forward. */
function refusingOnly(args: CheckedArguments): string | undefined {
  if (args["responseVariable"] !== undefined) return "its status is whatever the response in the variable has";
  const status = literalOf(args["status"]) ?? (args["status"] === undefined ? 200 : 300);
  return Number(status) < 300 ? "the proxy would take its status for leave to forward" : undefined;
}

export const mockResponse: PolicySpec = {
  name: "mock-response",
  summary: "Answers with an example of the operation's OpenAPI description.",
  sections: ["inbound", "outbound", "on-error"],
  scopes: everyScope,
  shorthand: "statusCode",
  args: {
    statusCode: { type: "integer", summary: "Status.", default: 200, min: 200, max: 599, xml: "@status-code" },
    contentType: { type: "string", summary: "Content type of the example.", xml: "@content-type" },
    index: { type: "integer", summary: "Which of several examples, from 0.", default: 0, min: 0, max: 1000 },
  },
  example: `mock-response:
  statusCode: 200
  contentType: application/json`,
};

export const setStatus: PolicySpec = {
  name: "set-status",
  summary: "Changes the response's status; without a response yet it does nothing.",
  sections: everySection,
  scopes: everyScope,
  shorthand: "code",
  args: {
    code: { type: "integer", summary: "Status.", required: true, min: 200, max: 599, expression: true },
    reason,
  },
  example: `set-status:
  code: 404
  reason: Not here`,
};

export const setBody: PolicySpec = {
  name: "set-body",
  summary: "Replaces the body: of the request in inbound and backend, of the response elsewhere. Content-Type stays.",
  sections: everySection,
  scopes: everyScope,
  shorthand: "body",
  readsBody: templateReadsBody("body"),
  args: {
    body: { type: "string", summary: "Body.", required: true, expression: true, xml: ".", xmlMarkup: "inner" },
    template: {
      type: "enum",
      summary: "liquid: the body is a template in Liquid.",
      values: ["none", "liquid"],
      default: "none",
    },
    xsiNil: {
      type: "enum",
      summary: "Liquid: what an element with xsi:nil is.",
      values: ["blank", "null"],
      default: "blank",
    },
    parseDate: {
      type: "boolean",
      summary: "Liquid: texts like dates become dates.",
      default: true,
    },
  },
  check: checkTemplateIn("body"),
  example: `set-body: '{"user":"\${principal.id}"}'`,
};
