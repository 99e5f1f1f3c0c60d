import { Buffer } from "node:buffer";
import type { Exchange } from "#model/exchange.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import { requiredValue } from "#policy/arguments.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { responseOf, writableRequestHeaders } from "#policy/request-draft.ts";
import { toText } from "#policy/to-text.ts";
import { type Evaluate, evaluateAny } from "#policy/values.ts";

/**
 * Content-Type stays, as in API Management. Content-Encoding goes: it described the body that was replaced, and
 * nobody could decode the new one by it.
 */
export function link(node: PolicyNode, context: LinkContext): Run {
  const body = evaluateAny(requiredValue(node, "body"), context.ports.clock);
  const ofRequest = context.section === "inbound" || context.section === "backend";
  return ofRequest ? setRequestBody(body) : setResponseBody(body);
}

function setRequestBody(body: Evaluate<unknown>): Run {
  return (exchange) => {
    exchange.request.body = bytesOf(body(exchange));
    if (exchange.request.headers.has("content-encoding")) writableRequestHeaders(exchange).delete("content-encoding");
    return undefined;
  };
}

function setResponseBody(body: Evaluate<unknown>): Run {
  return (exchange) => {
    const response = responseOf(exchange);
    const bytes = bytesOf(body(exchange));
    dropBody(exchange);
    response.body = bytes;
    response.headers.delete("content-encoding");
    return undefined;
  };
}

/** A stream that nobody will read must be told so, or its connection stays taken. */
function dropBody(exchange: Exchange): void {
  const body = exchange.response?.body;
  if (body !== null && body !== undefined && !(body instanceof Uint8Array)) body.cancel();
}

function bytesOf(value: unknown): Uint8Array {
  return value instanceof Uint8Array ? value : Buffer.from(toText(value), "utf8");
}
