import { Buffer } from "node:buffer";
import { GatewayError } from "#model/errors.ts";
import type { Exchange } from "#model/exchange.ts";
import type { SharedAccessKey } from "#model/messaging.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import { optionalValue, requiredValue } from "#policy/arguments.ts";
import { type CallDraft, newCall } from "#policy/calls/call-draft.ts";
import { noteCall } from "#policy/calls/note-call.ts";
import { sendCall } from "#policy/calls/send-call.ts";
import type { LinkContext, PolicyPorts, Run } from "#policy/context.ts";
import { segments } from "#policy/path-segments.ts";
import { linkProperties } from "#policy/service-bus/message-properties.ts";
import { type Destination, namespaceFor } from "#policy/service-bus/namespaces.ts";
import { sharedAccessSignature } from "#policy/service-bus/shared-access.ts";
import { type Evaluate, evaluateContent, evaluateString } from "#policy/values.ts";

const timeoutMs = 20_000;
/** Who a token of the gateway's identity is for. */
const audience = "https://servicebus.azure.net";

/**
 * The request waits until the broker has the message: one that it does not take fails the request.
 * @see the REST API of Service Bus, "Send message": POST https://<namespace>/<queue or topic>/messages
 */
export function link(node: PolicyNode, { ports }: LinkContext): Run {
  const { clock } = ports;
  const namespace = linkNamespace(node, ports);
  const entity = evaluateString(optionalValue(node, "queueName") ?? requiredValue(node, "topicName"), clock);
  const given = optionalValue(node, "clientId");
  const clientId = given === undefined ? () => "" : evaluateString(given, clock);
  const payload = evaluateContent(requiredValue(node, "payload"), clock);
  const writeProperties = linkProperties(node, clock);
  const authorizationFor = (
    target: string,
    key: SharedAccessKey | null,
    exchange: Exchange,
  ): string | Promise<string> =>
    key === null
      ? bearer(ports.managedIdentity.token(audience, clientId(exchange)))
      : sharedAccessSignature(target, key, clock.now());

  return async (exchange, signal) => {
    const { url, declared, key } = namespace(exchange);
    const target = `${url}/${segments(entity(exchange), "the queue or topic")}`;
    const call = newCall();
    Object.assign(call, { url: `${target}/messages`, declared, method: "POST" });
    setPayload(call, payload(exchange));
    writeProperties(exchange, call.headers);
    call.headers.set("Authorization", await authorizationFor(target, key, exchange));
    const began = clock.mono();
    const response = await sendCall(call, exchange, ports, timeoutMs, signal ?? exchange.signal);
    noteCall(exchange, node.name, call.url, response, clock.mono() - began);
    if (response.status >= 300) throw refused(response.status);
    return undefined;
  };
}

async function bearer(token: string | Promise<string>): Promise<string> {
  return `Bearer ${await token}`;
}

function setPayload(call: CallDraft, payload: string | Uint8Array): void {
  const isText = typeof payload === "string";
  call.body = isText ? Buffer.from(payload) : payload;
  call.headers.set("Content-Type", isText ? "text/plain; charset=utf-8" : "application/octet-stream");
}

function refused(status: number): GatewayError {
  return new GatewayError("service-refused", 500, `Service Bus answered with status ${status}`, { source: "upstream" });
}

function linkNamespace(node: PolicyNode, { clock, messaging }: PolicyPorts): Evaluate<Destination> {
  const { serviceBus } = messaging;
  const value = optionalValue(node, "namespace");
  if (value === undefined || value.kind === "literal") {
    const name = value === undefined ? serviceBus[0]?.name : String(value.value);
    // That there is one was checked with the definition.
    if (name === undefined) throw new GatewayError("definition-invalid", 500, `${node.name} lacks a namespace`);
    const found = namespaceFor(name, true, serviceBus);
    return () => found;
  }
  const name = evaluateString(value, clock);
  return (exchange: Exchange) => namespaceFor(name(exchange), false, serviceBus);
}
