import type { Exchange } from "#model/exchange.ts";
import type { HeaderList } from "#model/header-list.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import type { Clock } from "#model/ports.ts";
import { asciiJson } from "#policy/ascii-json.ts";
import { argumentOf, listOf } from "#policy/arguments.ts";
import { expressionFailed } from "#policy/failure.ts";
import { evaluateString, isValue } from "#policy/values.ts";

/** Of one property, in the form it travels in. */
const maxLength = 8192;

/** Those that the broker itself looks at. `TimeToLive` is in seconds. */
const ofTheBroker: ReadonlySet<string> = new Set([
  "CorrelationId",
  "Label",
  "MessageId",
  "PartitionKey",
  "ReplyTo",
  "ReplyToSessionId",
  "ScheduledEnqueueTimeUtc",
  "SessionId",
  "TimeToLive",
  "To",
  "ViaPartitionKey",
]);

/**
 * Writes a message's properties: the broker's in one field, the others each as a field with a text in quotes.
 * @see the REST API of Service Bus, "Message headers and properties"
 */
export function linkProperties(node: PolicyNode, clock: Clock): (exchange: Exchange, headers: HeaderList) => void {
  const linked = listOf(argumentOf(node, "properties")).map((item) => {
    const { name, value } = item.kind === "map" ? item.entries : {};
    const text = isValue(value) ? evaluateString(value, clock) : () => "";
    return { name: name?.kind === "literal" ? String(name.value) : "", text };
  });
  return (exchange, headers) => {
    const broker: Record<string, string | number> = {};
    for (const { name, text } of linked) {
      const value = text(exchange);
      if (ofTheBroker.has(name)) broker[name] = name === "TimeToLive" ? seconds(value) : value;
      else headers.set(name, bounded(asciiJson(value)));
    }
    if (Object.keys(broker).length > 0) headers.set("BrokerProperties", bounded(asciiJson(broker)));
  };
}

function seconds(text: string): number {
  if (/^\d{1,9}(?:\.\d{1,6})?$/.test(text)) return Number(text);
  throw expressionFailed("send-service-bus-message: TimeToLive is no number of seconds");
}

function bounded(text: string): string {
  if (text.length <= maxLength) return text;
  throw expressionFailed("send-service-bus-message: a property is too long");
}
