import { StylesheetProblem } from "#notation/xslt/problem.ts";
import { readStylesheet } from "#notation/xslt/read-stylesheet.ts";
import { everyScope, everySection, literalOf } from "./common.ts";
import type { ArgumentSpec, PolicySpec } from "./spec.ts";

const considerAccept: ArgumentSpec = {
  type: "boolean",
  summary: "Only where the client's Accept asks for it.",
  default: true,
  expression: true,
  xml: "@consider-accept-header",
};

export const findAndReplace: PolicySpec = {
  name: "find-and-replace",
  summary: "Replaces a text in the body wherever it stands.",
  sections: everySection,
  scopes: everyScope,
  readsBody: true,
  args: {
    from: { type: "string", summary: "What is looked for.", required: true, expression: true },
    to: { type: "string", summary: "What stands there then.", required: true, expression: true },
  },
  check: ({ from }) => (literalOf(from) === "" ? { argument: "from", message: "is empty" } : undefined),
  example: "find-and-replace: { from: internal.example.com, to: api.example.com }",
};

export const redirectContentUrls: PolicySpec = {
  name: "redirect-content-urls",
  summary: "Rewrites links to the backend in the body, so that they lead here.",
  sections: ["inbound", "outbound"],
  scopes: everyScope,
  once: true,
  readsBody: true,
  args: {},
  example: "redirect-content-urls: {}",
};

export const xmlToJson: PolicySpec = {
  name: "xml-to-json",
  summary: "Turns a body in XML into JSON.",
  sections: ["inbound", "outbound", "on-error"],
  scopes: everyScope,
  readsBody: true,
  args: {
    kind: {
      type: "enum",
      summary: "Whether names keep the marks of what they were in XML.",
      values: ["javascript-friendly", "direct"],
      required: true,
      expression: true,
    },
    apply: {
      type: "enum",
      summary: "Which bodies.",
      values: ["always", "content-type-xml"],
      required: true,
      expression: true,
    },
    considerAcceptHeader: considerAccept,
    alwaysArrayChildElements: {
      type: "boolean",
      summary: "A single child element is an array as well.",
      default: false,
      expression: true,
    },
  },
  example: "xml-to-json: { kind: direct, apply: content-type-xml }",
};

export const jsonToXml: PolicySpec = {
  name: "json-to-xml",
  summary: "Turns a body in JSON into XML.",
  sections: ["inbound", "outbound", "on-error"],
  scopes: everyScope,
  readsBody: true,
  args: {
    apply: {
      type: "enum",
      summary: "Which bodies.",
      values: ["always", "content-type-json"],
      required: true,
      expression: true,
    },
    considerAcceptHeader: considerAccept,
    parseDate: { type: "boolean", summary: "Texts like dates become dates.", default: true },
    namespaceSeparator: {
      type: "string",
      summary: "Between a prefix and a name.",
      default: "_",
      expression: true,
    },
    namespacePrefix: { type: "string", summary: "What properties with namespaces begin with.", expression: true },
    attributeBlockName: { type: "string", summary: "Property that holds attributes.", expression: true },
  },
  example: "json-to-xml: { apply: always }",
};

export const xslTransform: PolicySpec = {
  name: "xsl-transform",
  summary: "Transforms a body in XML with XSLT 1.0.",
  sections: ["inbound", "outbound"],
  scopes: everyScope,
  readsBody: true,
  args: {
    parameters: {
      type: "list",
      summary: "Parameters of the stylesheet.",
      items: {
        type: "map",
        summary: "A parameter.",
        entries: {
          name: { type: "string", summary: "Name.", required: true },
          value: { type: "string", summary: "Value.", required: true, expression: true, xml: "." },
        },
      },
      xml: "parameter",
    },
    stylesheet: {
      type: "string",
      summary: "The stylesheet.",
      required: true,
      xml: "xsl:stylesheet|xsl:transform",
      xmlMarkup: "outer",
    },
  },
  check: ({ stylesheet }) => stylesheetProblem(literalOf(stylesheet)),
  example: `xsl-transform:
  stylesheet: <xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"/>`,
};

function stylesheetProblem(
  stylesheet: unknown,
): { readonly argument: string; readonly message: string; readonly linesBelow?: number } | undefined {
  if (typeof stylesheet !== "string") return undefined;
  try {
    readStylesheet(stylesheet);
    return undefined;
  } catch (error) {
    if (!(error instanceof StylesheetProblem)) throw error;
    const { message, line } = error;
    if (line === undefined) return { argument: "stylesheet", message };
    return { argument: "stylesheet", message: `line ${line} of the stylesheet: ${message}`, linesBelow: line - 1 };
  }
}

export const jsonp: PolicySpec = {
  name: "jsonp",
  summary: "Wraps a response in JSON into a call of the function that the client names.",
  sections: ["outbound"],
  scopes: everyScope,
  once: true,
  readsBody: true,
  args: {
    callbackParameter: {
      type: "string",
      summary: "Query parameter with the function's name.",
      required: true,
      expression: true,
      xml: "@callback-parameter-name",
    },
  },
  example: "jsonp: { callbackParameter: callback }",
};

export const crossDomain: PolicySpec = {
  name: "cross-domain",
  summary: "Answers for crossdomain.xml of Flash, where an API serves the root.",
  sections: ["inbound"],
  scopes: ["global"],
  args: {
    policy: {
      type: "string",
      summary: "The policy file.",
      required: true,
      xml: "cross-domain-policy",
      xmlMarkup: "outer",
    },
  },
  example: `cross-domain:
  policy: <cross-domain-policy/>`,
};
