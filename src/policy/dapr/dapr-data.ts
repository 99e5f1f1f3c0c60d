import { Buffer } from "node:buffer";
import type { Exchange } from "#model/exchange.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import { literalText, optionalValue } from "#policy/arguments.ts";
import type { LinkContext } from "#policy/context.ts";
import { linkLiquid } from "#policy/liquid/link-liquid.ts";
import { messageOf } from "#policy/message.ts";
import { evaluateContent } from "#policy/values.ts";

/** What is sent, as it was written, computed or made by a template; a promise only for a template over XML. */
export type DaprData = (exchange: Exchange) => Uint8Array | Promise<Uint8Array>;

const none = new Uint8Array();

export function linkData(node: PolicyNode, { section, ports }: LinkContext): DaprData {
  if (literalText(node, "template") === "liquid") return linkLiquid(node, ports, messageOf(section), "data");
  const data = optionalValue(node, "data");
  if (data === undefined) return () => none;
  const evaluate = evaluateContent(data, ports.clock);
  return (exchange) => {
    const content = evaluate(exchange);
    return typeof content === "string" ? Buffer.from(content) : content;
  };
}
