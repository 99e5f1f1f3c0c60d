import type { Exchange } from "#model/exchange.ts";
import { chunkedRequest, noBody } from "#wire/http1-request-writer.ts";
import type { RequestHead } from "#wire/transport.ts";
import type { AddCredentials } from "./add-credentials.ts";
import type { Destination } from "./destination.ts";
import type { ProxyRoute } from "#wire/tunnel.ts";
import { throughProxy } from "./proxy-route.ts";
import { handshakeKey } from "./switch-protocols.ts";

/** What a backend says of every request to it. */
export interface BackendRules {
  readonly host: "preserve" | "upstream";
  readonly credentials: AddCredentials | null;
}

/** The head of the request as it goes to `destination`. */
export function draftHead(
  exchange: Exchange,
  destination: Destination,
  rules: BackendRules,
  proxy: ProxyRoute | null,
): RequestHead {
  const { request } = exchange;
  // A policy may have asked for the base URL itself, which needs no slash unless it is all there is.
  const path = `${destination.basePath}${request.path}` || "/";
  // What is sent back to the client must not tell it what it was not to know. RFC 9110 §9.3.8
  const add = request.method === "TRACE" ? null : rules.credentials;
  const query = add === null ? request.query : add.toQuery(request.query);
  const origin = query === "" ? path : `${path}?${query}`;
  const host = hostOf(exchange, destination, rules.host);
  const framing = framingOf(exchange);
  const upgrade = request.method === "GET" && framing === noBody ? request.upgrade : null;
  const own = upgrade === "websocket" ? withKey(exchange) : request.headers.raw;
  const shown = add === null ? own : add.toFields(own);
  const { target, fields } = throughProxy(proxy, destination, origin, shown);
  const expects = request.body === undefined && exchange.facts.body?.waits === true;
  return { method: request.method, target, host, fields, framing, expects, upgrade };
}

/** The handshake is the client's own, whatever a policy wrote; over HTTP/2 there is none, and the key is ours. */
function withKey({ facts, request }: Exchange): readonly string[] {
  const headers = request.headers.clone();
  headers.set("Sec-WebSocket-Key", handshakeKey(facts));
  headers.set("Sec-WebSocket-Version", "13");
  return headers.raw;
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
