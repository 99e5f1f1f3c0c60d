import type { Exchange } from "#model/exchange.ts";
import { chunkedRequest, noBody } from "#wire/http1-request-writer.ts";
import type { RequestHead } from "#wire/transport.ts";
import type { Destination } from "./destination.ts";

/** The head of the request as it goes to `destination`. */
export function draftHead(exchange: Exchange, destination: Destination, rule: "preserve" | "upstream"): RequestHead {
  const { request } = exchange;
  const path = `${destination.basePath}${request.path}`;
  const target = request.query === "" ? path : `${path}?${request.query}`;
  const host = hostOf(exchange, destination, rule);
  return { method: request.method, target, host, fields: request.headers.raw, framing: framingOf(exchange) };
}

/** What a policy wrote stays; else the rule of the backend decides. */
function hostOf(exchange: Exchange, destination: Destination, host: "preserve" | "upstream"): string {
  const { request, facts } = exchange;
  if (request.hostSet) {
    const written = request.headers.get("host");
    if (written !== undefined) return written;
  }
  return host === "preserve" ? facts.authority : destination.authority;
}

function framingOf(exchange: Exchange): number {
  const { body, method } = exchange.request;
  if (body instanceof Uint8Array) return body.length;
  const stream = body === undefined ? exchange.facts.body : null;
  if (stream !== null) return stream.length ?? chunkedRequest;
  // RFC 9110 §8.6: methods that define a meaning for a body say that there is none.
  return method === "POST" || method === "PUT" || method === "PATCH" ? 0 : noBody;
}
