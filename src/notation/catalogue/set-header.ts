import { uncarriedFields } from "#lib/uncarried-fields.ts";
import { type CheckedArguments, everyScope, everySection, itemsOf, literalOf } from "./common.ts";
import { checkField, checkValues, isProtected } from "./field-names.ts";
import type { ArgumentSpec, PolicySpec } from "./spec.ts";

const ifExists: ArgumentSpec = {
  type: "enum",
  summary: "override replaces, skip leaves it, append adds, delete removes.",
  values: ["override", "skip", "append", "delete"],
  default: "override",
  expression: true,
  xml: "@exists-action",
};

const values: ArgumentSpec = {
  type: "list",
  summary: "Values.",
  items: { type: "string", summary: "Value.", expression: true },
  xml: "value",
};

export const setHeader: PolicySpec = {
  name: "set-header",
  summary: "Sets, adds or removes a header: of the request in inbound and backend, of the response elsewhere.",
  sections: everySection,
  scopes: everyScope,
  forwardAuth: carriedOnly,
  args: {
    name: { type: "string", summary: "Name of the header.", required: true, expression: true },
    ifExists,
    values,
  },
  fromXml: dropUnused,
  idleInXml: writtenAnyway,
  check: checkField,
  example: `set-header:
  name: X-User
  values: ["\${principal.id}"]`,
};

export const removeHeaders: PolicySpec = {
  name: "remove-headers",
  summary:
    "Removes all headers whose names fit a pattern: of the request in inbound and backend, of the response elsewhere. Host, and what the connection is about, stay.",
  sections: everySection,
  scopes: everyScope,
  native: true,
  shorthand: "names",
  args: {
    names: {
      type: "list",
      summary: "Names; `*` is any run of characters, case does not count.",
      required: true,
      items: { type: "string", summary: "Name or pattern." },
    },
  },
  check: ({ names }) => {
    const wrong = itemsOf(names).find((item) => !/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,128}$/.test(String(literalOf(item))));
    return wrong === undefined
      ? undefined
      : { argument: "names", message: "are names of header fields, with * for any part" };
  },
  example: "remove-headers: { names: [X-Internal-*, X-Debug] }",
};

export const setQueryParameter: PolicySpec = {
  name: "set-query-parameter",
  summary: "Sets, adds or removes a query parameter of the request to the backend.",
  sections: ["inbound", "backend"],
  scopes: everyScope,
  args: {
    name: { type: "string", summary: "Name of the parameter.", required: true, expression: true },
    ifExists,
    values,
  },
  fromXml: dropUnused,
  check: checkValues,
  example: `set-query-parameter:
  name: api-version
  ifExists: skip
  values: ["2024-01-01"]`,
};

/**
 * API Management takes policies for such fields, and nothing comes of them. X-Request-Id is set to
 * `context.RequestId` there, which is what the gateway writes.
 */
function writtenAnyway(args: CheckedArguments): string | undefined {
  const name = literalOf(args["name"]);
  if (typeof name !== "string") return undefined;
  if (name.toLowerCase() === "x-request-id") return "the gateway writes X-Request-Id itself, with the id in its record";
  return isProtected(name) ? `${name} belongs to the connection and is not changed by policies` : undefined;
}

/** What is deleted needs no values, and there they do no harm. */
function dropUnused(args: CheckedArguments): CheckedArguments {
  if (literalOf(args["ifExists"]) !== "delete") return args;
  return Object.fromEntries(Object.entries(args).filter(([name]) => name !== "values"));
}

/** The proxy that asks copies fields out of the answer, and these are the answer's own. */
function carriedOnly(args: CheckedArguments): string | undefined {
  const name = literalOf(args["name"]);
  return typeof name === "string" && uncarriedFields.has(name.toLowerCase())
    ? `no answer can tell the proxy what ${name} is to be`
    : undefined;
}
