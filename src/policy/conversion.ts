import { Buffer } from "node:buffer";
import { inSlices, type Steps } from "#lib/slices.ts";
import type { Exchange } from "#model/exchange.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import { requiredValue } from "./arguments.ts";
import { decodeText } from "./charset.ts";
import { mediaTypeOf } from "./content-kind.ts";
import type { LinkContext, Run } from "./context.ts";
import { expressionFailed } from "./failure.ts";
import { messageOf } from "./message.ts";
import { evaluateBoolean, evaluateString } from "./values.ts";
import { wantsType } from "./wanted-type.ts";

export interface Conversion {
  readonly isSource: (mediaType: string) => boolean;
  readonly isTarget: (mediaType: string) => boolean;
  readonly contentType: string;
  readonly convert: (text: string, exchange: Exchange) => Steps<string>;
}

/**
 * What both conversions have in common: which bodies (`apply`), for whom (`considerAcceptHeader`), in slices, so that
 * a large body holds nobody up, and within the bound of a body.
 */
export function linkConversion(node: PolicyNode, { section, ports }: LinkContext, conversion: Conversion): Run {
  const { clock, bodies } = ports;
  const apply = evaluateString(requiredValue(node, "apply"), clock);
  const considerAccept = evaluateBoolean(requiredValue(node, "considerAcceptHeader"), clock);
  const message = messageOf(section);
  return (exchange) => {
    const body = message.bodyToChange(exchange);
    if (body === undefined || body.byteLength === 0) return undefined;
    const headers = message.headers(exchange);
    if (!isAlways(apply(exchange)) && !conversion.isSource(mediaTypeOf(headers))) return undefined;
    if (considerAccept(exchange) && !wantsType(exchange.facts.headers, conversion.isTarget)) return undefined;
    return inSlices(conversion.convert(decodeText(body, headers), exchange)).then((text) => {
      const converted = Buffer.from(text);
      if (converted.byteLength > bodies.maxBytes) throw expressionFailed(`a body may have ${bodies.maxBytes} bytes`);
      message.setBody(exchange, converted);
      message.writableHeaders(exchange).set("Content-Type", conversion.contentType);
      return undefined;
    });
  };
}

/** Whatever else is computed means: by the content type. */
function isAlways(apply: string): boolean {
  return apply.toLowerCase() === "always";
}
