import { type ArgumentProblem, type CheckedArguments, everyScope, itemsOf, literalOf } from "./common.ts";
import { fieldNameProblem } from "./field-names.ts";
import { checkTemplateIn, templateReadsBody } from "./liquid-template.ts";
import type { ArgumentSpec, PolicySpec } from "./spec.ts";

function text(summary: string): ArgumentSpec {
  return { type: "string", summary, expression: true };
}

function named(summary: string, xml: string): ArgumentSpec {
  return {
    type: "list",
    summary,
    items: {
      type: "map",
      summary: "A name and its value.",
      entries: {
        name: { type: "string", summary: "Name.", required: true, xml: xml.endsWith("/item") ? "@key" : "@name" },
        value: { type: "string", summary: "Value.", expression: true, xml: "." },
      },
    },
    xml,
  };
}

const calling: Readonly<Record<string, ArgumentSpec>> = {
  ignoreError: { type: "boolean", summary: "Goes on when it fails.", default: false, expression: true },
  responseVariable: { type: "string", summary: "Variable that gets the answer.", xml: "@response-variable-name" },
  timeout: { type: "duration", summary: "Longest wait.", default: 5000, min: 1000, max: 240_000, expression: true },
  template: {
    type: "enum",
    summary: "liquid: the data is a template in Liquid.",
    values: ["none", "liquid"],
    default: "none",
  },
  contentType: text("Content type of the data."),
};

export const invokeDaprBinding: PolicySpec = {
  name: "invoke-dapr-binding",
  summary: "Calls a binding of the Dapr sidecar.",
  sections: ["inbound", "outbound", "on-error"],
  scopes: everyScope,
  args: {
    name: { ...text("Name of the binding."), required: true },
    operation: text("Operation of the binding."),
    ...calling,
    metadata: named("More for the binding.", "metadata/item"),
    data: {
      ...text("What is sent: JSON where contentType says so, else a text."),
      xml: "data",
      xmlMarkup: "inner",
    },
  },
  readsBody: templateReadsBody("data"),
  check: checkTemplateIn("data"),
  example: "invoke-dapr-binding: { name: mail, operation: create, data: hello }",
};

export const publishToDapr: PolicySpec = {
  name: "publish-to-dapr",
  summary: "Publishes a message by way of the Dapr sidecar.",
  sections: ["inbound", "outbound", "on-error"],
  scopes: everyScope,
  args: {
    topic: { ...text("Topic."), required: true },
    pubSubName: { ...text("Component, unless it stands before the topic with a slash."), xml: "@pubsub-name" },
    ...calling,
    data: { ...text("The message."), xml: ".", xmlMarkup: "inner" },
  },
  readsBody: templateReadsBody("data"),
  check: (args) => checkTopic(args) ?? checkTemplateIn("data")(args),
  example: "publish-to-dapr: { topic: orders, pubSubName: broker, data: hello }",
};

function checkTopic({ topic, pubSubName }: CheckedArguments): ArgumentProblem | undefined {
  const name = literalOf(topic);
  if (name === undefined || pubSubName !== undefined || /^[^/]+\/./.test(String(name))) return undefined;
  return { argument: "topic", message: "is component/topic where pubSubName does not say the component" };
}

export const sendServiceBusMessage: PolicySpec = {
  name: "send-service-bus-message",
  summary: "Sends a message to a queue or topic of Azure Service Bus.",
  sections: ["inbound", "outbound", "on-error"],
  scopes: everyScope,
  args: {
    queueName: text("Queue."),
    topicName: text("Topic."),
    namespace: text("Host of the namespace, or its name under serviceBus; the only one there when absent."),
    clientId: text("Which identity; the system's own when absent. Not where the namespace has a key."),
    properties: named(
      "Properties of the message; MessageId, SessionId and their like are the broker's.",
      "message-properties/message-property",
    ),
    payload: { ...text("The message."), required: true, xml: "payload", xmlMarkup: "inner" },
  },
  check: (args) => oneTarget(args) ?? checkNamespace(args) ?? checkProperties(args),
  example: "send-service-bus-message: { queueName: orders, payload: hello }",
};

function oneTarget(args: CheckedArguments): ArgumentProblem | undefined {
  if ((args["queueName"] === undefined) !== (args["topicName"] === undefined)) return undefined;
  return { argument: "queueName", message: "give either queueName or topicName" };
}

/** The tree goes on to where its credentials are sent, so what is written out is a host or a name, and nothing else. */
function checkNamespace({ namespace }: CheckedArguments): ArgumentProblem | undefined {
  const name = literalOf(namespace);
  if (name === undefined || /^[A-Za-z0-9][A-Za-z0-9._-]{0,253}$/.test(String(name))) return undefined;
  return { argument: "namespace", message: "is a host such as orders.servicebus.windows.net" };
}

function checkProperties({ properties }: CheckedArguments): ArgumentProblem | undefined {
  for (const item of itemsOf(properties)) {
    const name = item.kind === "map" ? literalOf(item.entries["name"]) : undefined;
    if (name === undefined || !isReserved(String(name))) continue;
    return { argument: "properties", message: `${String(name)} cannot be the name of a property` };
  }
  return undefined;
}

/** Properties travel as header fields, and these mean something there. */
const ofTheRequest: ReadonlySet<string> = new Set([
  "accept",
  "authorization",
  "brokerproperties",
  "content-encoding",
  "content-type",
  "cookie",
  "date",
  "expect",
  "host",
  "servicebusauthorization",
]);

function isReserved(name: string): boolean {
  return ofTheRequest.has(name.toLowerCase()) || fieldNameProblem(name) !== undefined;
}
