import { Buffer } from "node:buffer";
import type { Exchange } from "#model/exchange.ts";
import type { Argument, PolicyNode } from "#model/policy-tree.ts";
import type { Clock } from "#model/ports.ts";
import { argumentOf, listOf, optionalValue, requiredValue } from "#policy/arguments.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { type DaprMessage, linkDaprCall } from "#policy/dapr/dapr-call.ts";
import { linkData } from "#policy/dapr/dapr-data.ts";
import { segment } from "#policy/path-segments.ts";
import { expressionFailed } from "#policy/failure.ts";
import { type Evaluate, evaluateString, isValue } from "#policy/values.ts";

/** @see Dapr's bindings API: POST /v1.0/bindings/<name> */
export function link(node: PolicyNode, context: LinkContext): Run {
  const { clock } = context.ports;
  const name = evaluateString(requiredValue(node, "name"), clock);
  const operation = optionalText(node, "operation", clock);
  const contentType = optionalText(node, "contentType", clock);
  const metadata = linkMetadata(listOf(argumentOf(node, "metadata")), clock);
  const data = linkData(node, context);
  const make = async (exchange: Exchange): Promise<DaprMessage> => {
    const path = `/v1.0/bindings/${segment(name(exchange), "the binding")}`;
    const about = { operation: operation(exchange), metadata: metadata(exchange) };
    const content = dataOf(await data(exchange), contentType(exchange));
    return { path, contentType: "application/json", body: Buffer.from(withData(about, content)) };
  };
  return linkDaprCall(node, context, make);
}

function optionalText(node: PolicyNode, name: string, clock: Clock): Evaluate<string | undefined> {
  const value = optionalValue(node, name);
  return value === undefined ? () => undefined : evaluateString(value, clock);
}

function linkMetadata(items: readonly Argument[], clock: Clock): Evaluate<Record<string, string> | undefined> {
  if (items.length === 0) return () => undefined;
  const linked = items.map((item) => {
    const { name, value } = item.kind === "map" ? item.entries : {};
    const key = name?.kind === "literal" ? String(name.value) : "";
    return [key, isValue(value) ? evaluateString(value, clock) : () => ""] as const;
  });
  return (exchange) => Object.fromEntries(linked.map(([name, value]) => [name, value(exchange)]));
}

/** JSON goes in as it was written: numbers that JavaScript cannot hold stay what they are. */
function dataOf(bytes: Uint8Array, contentType = ""): string | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
  if (!/^application\/(?:[\w.-]+\+)?json\b/i.test(contentType)) return text === "" ? undefined : JSON.stringify(text);
  try {
    JSON.parse(text);
    return text;
  } catch {
    throw expressionFailed("invoke-dapr-binding: the data is no JSON");
  }
}

function withData(about: object, data: string | undefined): string {
  const text = JSON.stringify(about);
  if (data === undefined) return text;
  return text === "{}" ? `{"data":${data}}` : `${text.slice(0, -1)},"data":${data}}`;
}
