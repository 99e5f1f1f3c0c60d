import { Buffer } from "node:buffer";
import { inSlices } from "#lib/slices.ts";
import { GatewayError } from "#model/errors.ts";
import type { Exchange } from "#model/exchange.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import { parseLiquid, renderLiquid } from "#notation/liquid/engine.ts";
import { literalText } from "#policy/arguments.ts";
import { decodeText } from "#policy/charset.ts";
import { isJson, isXml, mediaTypeOf } from "#policy/content-kind.ts";
import type { PolicyPorts } from "#policy/context.ts";
import { expressionFailed } from "#policy/failure.ts";
import type { Message } from "#policy/message.ts";
import { optionalValue } from "#policy/arguments.ts";
import { parseXml } from "#policy/xml/parse-xml.ts";
import { contextForLiquid } from "./context-view.ts";
import { jsonForLiquid } from "./json-body.ts";
import { type Nil, xmlForLiquid } from "./xml-body.ts";

/** Made on the way to a result, for each unit of the longest body. */
const workFactor = 4;

/** A body made by a template. A promise only where the body it reads is XML. */
export type LiquidBody = (exchange: Exchange) => Uint8Array | Promise<Uint8Array>;

/**
 * A Liquid template of a policy: the body of `set-body`, unless another argument is named.
 * @param message whose body the template sees; null: an empty one
 */
export function linkLiquid(
  node: PolicyNode,
  ports: PolicyPorts,
  message: Message | null,
  argument: string = "body",
): LiquidBody {
  const template = parseLiquid(literalText(node, argument) ?? "");
  // It was checked with the catalogue.
  if ("problem" in template) throw new GatewayError("definition-invalid", 500, `${node.name}: ${template.problem}`);
  const nil: Nil = literalText(node, "xsiNil") === "null" ? null : "";
  const parseDate = optionalValue(node, "parseDate");
  const dates = !(parseDate?.kind === "literal" && parseDate.value === false);
  const { bodies, clock } = ports;

  return (exchange) => {
    const bytes = message?.body(exchange);
    if (message === null || bytes === undefined || bytes.byteLength === 0) return render(exchange, {});
    const headers = message.headers(exchange);
    const type = mediaTypeOf(headers);
    if (isJson(type)) return render(exchange, jsonForLiquid(decodeText(bytes, headers), dates));
    if (!isXml(type)) return render(exchange, {});
    return inSlices(parseXml(decodeText(bytes, headers))).then(({ root }) => render(exchange, xmlForLiquid(root, nil)));
  };

  function render(exchange: Exchange, body: unknown): Uint8Array {
    const scope = { body, context: contextForLiquid(exchange) };
    const limits = { maxUnits: workFactor * bodies.maxBytes, now: clock.now() };
    const bytes = Buffer.from(rendered(scope, limits));
    if (bytes.byteLength > bodies.maxBytes) throw expressionFailed(`a body may have ${bodies.maxBytes} bytes`);
    return bytes;
  }

  /** The library's own messages quote what the template saw. */
  function rendered(scope: object, limits: Parameters<typeof renderLiquid>[2]): string {
    try {
      return renderLiquid(template as Exclude<typeof template, { readonly problem: string }>, scope, limits);
    } catch {
      throw expressionFailed("the Liquid template cannot be rendered, or needs too much time or memory");
    }
  }
}
