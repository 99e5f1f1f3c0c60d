import type { Exchange, RequestDraft } from "#model/exchange.ts";
import { writableRequestHeaders } from "./request-draft.ts";

/** What a client has for one origin is not told to another. */
const credentials = ["authorization", "cookie", "proxy-authorization"];
const ofTheBody = ["content-type", "content-length", "content-encoding", "content-language", "content-location"];

/**
 * Points the draft to where the response redirects. Another origin is one that the upstream chose for this request:
 * egress control decides whether it is dialled, as for every computed destination.
 * @returns false when the response is to be passed on: it is no redirect, leads from https to http, or needs a body
 *   again that has gone
 * @see RFC 9110 §15.4
 */
export function followRedirect(exchange: Exchange): boolean {
  const { response, request, upstream } = exchange;
  const location = response?.headers.get("location");
  if (response === null || location === undefined || upstream === null || upstream.url === "") return false;
  const from = URL.parse(`${upstream.url}${request.path}`);
  const to = from === null ? null : URL.parse(location, from.href);
  if (from === null || to === null || !isFollowed(from, to)) return false;
  if (!prepareMethod(response.status, exchange)) return false;
  point(exchange, upstream.url, to, from.origin === to.origin);
  return true;
}

function isFollowed(from: URL, to: URL): boolean {
  if (to.protocol !== "https:" && to.protocol !== "http:") return false;
  if (from.protocol === "https:" && to.protocol === "http:") return false;
  return to.username === "" && to.password === "";
}

/** @returns false when this status is not followed, or not with this body */
function prepareMethod(status: number, exchange: Exchange): boolean {
  const { request, facts } = exchange;
  const bodiless = request.method === "GET" || request.method === "HEAD";
  switch (status) {
    case 301:
    case 302:
      if (request.method === "POST") becomeGet(exchange);
      return bodiless || request.method === "GET" || hasBody(request, facts.body !== null);
    case 303:
      if (!bodiless) becomeGet(exchange);
      return true;
    case 307:
    case 308:
      return hasBody(request, facts.body !== null);
    default:
      return false;
  }
}

/** A body that came as a stream has been sent, and is gone. */
function hasBody(request: RequestDraft, streamed: boolean): boolean {
  return request.body !== undefined || !streamed;
}

function becomeGet(exchange: Exchange): void {
  exchange.request.method = "GET";
  exchange.request.body = null;
  const headers = writableRequestHeaders(exchange);
  for (const name of ofTheBody) headers.delete(name);
}

function point(exchange: Exchange, base: string, to: URL, sameOrigin: boolean): void {
  const { request } = exchange;
  const basePath = URL.parse(base)?.pathname.replace(/\/+$/, "") ?? "";
  request.query = to.search.slice(1);
  if (sameOrigin && `${to.pathname}/`.startsWith(`${basePath}/`)) {
    request.path = to.pathname.slice(basePath.length) || "/";
    return;
  }
  request.path = to.pathname;
  request.baseUrl = to.origin;
  request.baseUrlComputed = true;
  request.backend = -1;
  if (sameOrigin) return;
  request.hostSet = false;
  const headers = writableRequestHeaders(exchange);
  for (const name of [...credentials, "host"]) headers.delete(name);
}
