import {
  type ArgumentProblem,
  type CheckedArguments,
  everyScope,
  everySection,
  itemsOf,
  literalOf,
  outsideWorkspaces,
} from "./common.ts";
import type { ArgumentSpec, PolicySpec } from "./spec.ts";

/** Names with their values; some names have values of their own. */
export const dimensions: ArgumentSpec = {
  type: "list",
  summary: "What the numbers are told apart by.",
  items: {
    type: "map",
    summary: "A dimension.",
    entries: {
      name: { type: "string", summary: "Name.", required: true },
      value: { type: "string", summary: "Value; may be left out for names such as API ID.", expression: true },
    },
  },
  xml: "dimension",
};

export const trace: PolicySpec = {
  name: "trace",
  summary: "Writes a message into the request's trace and log.",
  sections: everySection,
  scopes: everyScope,
  args: {
    source: { type: "string", summary: "Who says it.", required: true },
    severity: {
      type: "enum",
      summary: "How much it matters.",
      values: ["verbose", "information", "error"],
      default: "verbose",
    },
    message: { type: "string", summary: "The message.", expression: true, xml: "message" },
    text: { type: "string", summary: "The message, as older documents have it.", expression: true, xml: "." },
    metadata: {
      type: "list",
      summary: "More about it.",
      items: {
        type: "map",
        summary: "A name and its value.",
        entries: {
          name: { type: "string", summary: "Name.", required: true },
          value: { type: "string", summary: "Value.", required: true, expression: true },
        },
      },
    },
  },
  fromXml: ofOlderForm,
  check: ({ message }) => (message === undefined ? { argument: "message", message: "is missing" } : undefined),
  example: "trace: { source: orders, message: arrived }",
};

/** The message stood between the tags once. */
function ofOlderForm(args: CheckedArguments): CheckedArguments {
  const { text, ...others } = args;
  return text === undefined || literalOf(text) === "" ? others : { message: text, ...others };
}

export const logToEventhub: PolicySpec = {
  name: "log-to-eventhub",
  summary: "Sends a text to a logger.",
  sections: everySection,
  scopes: outsideWorkspaces,
  args: {
    loggerId: { type: "string", summary: "Name of the logger.", required: true },
    partitionId: { type: "string", summary: "Partition." },
    partitionKey: { type: "string", summary: "What chooses the partition.", expression: true },
    message: { type: "string", summary: "The text.", required: true, expression: true, xml: ".", xmlMarkup: "inner" },
  },
  check: ({ partitionId, partitionKey }) =>
    partitionId !== undefined && partitionKey !== undefined
      ? { argument: "partitionKey", message: "partitionId already says which partition" }
      : undefined,
  example: "log-to-eventhub: { loggerId: audit, message: arrived }",
};

export const emitMetric: PolicySpec = {
  name: "emit-metric",
  summary: "Counts something of one's own.",
  sections: everySection,
  scopes: everyScope,
  args: {
    name: { type: "string", summary: "Name of the metric.", required: true },
    namespace: { type: "string", summary: "Namespace of the metric.", default: "API Management" },
    value: { type: "number", summary: "What is added.", default: 1, expression: true },
    dimensions: { ...dimensions, max: 10 },
  },
  check: dimensionsHaveValues,
  example: "emit-metric: { name: orders, dimensions: [{ name: API ID }] }",
};

/** Names that API Management knows the value of. */
const knownDimensions: ReadonlySet<unknown> = new Set([
  "API ID",
  "Operation ID",
  "Product ID",
  "User ID",
  "Subscription ID",
  "Location",
  "Gateway ID",
  "Backend ID",
]);

function dimensionsHaveValues(args: CheckedArguments): ArgumentProblem | undefined {
  for (const item of itemsOf(args["dimensions"])) {
    const { name, value } = item.kind === "map" ? item.entries : {};
    if (value === undefined && !knownDimensions.has(literalOf(name))) {
      return { argument: "dimensions", message: `${String(literalOf(name))} needs a value` };
    }
  }
  return undefined;
}
