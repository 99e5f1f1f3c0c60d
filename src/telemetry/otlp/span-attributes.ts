import type { FinishedTrace, FinishedUpstream } from "#telemetry/finished-trace.ts";
import { attributesOf, type KeyValue } from "./values.ts";

/** The version whose stable names are used here. @see https://opentelemetry.io/docs/specs/semconv/http/http-spans/ */
export const schemaUrl = "https://opentelemetry.io/schemas/1.37.0";

/** Any other method could be anything. */
const methods: ReadonlySet<string> = new Set("CONNECT DELETE GET HEAD OPTIONS PATCH POST PUT TRACE".split(" "));

export function methodName(method: string): string {
  return methods.has(method) ? method : "_OTHER";
}

/** Of the span of the whole exchange. */
export function serverAttributes(one: FinishedTrace): readonly KeyValue[] {
  const { method, status, reason, protocol } = one;
  const known = methods.has(method);
  return attributesOf({
    "http.request.method": methodName(method),
    "http.request.method_original": known ? undefined : method.slice(0, 32),
    "url.scheme": one.scheme,
    "url.path": one.path,
    "http.route": one.template,
    "http.response.status_code": status === 0 ? undefined : status,
    "error.type": status >= 500 || status === 0 ? (reason ?? String(status)) : undefined,
    "network.protocol.version": protocol === "HTTP/2" ? "2" : protocol.slice("HTTP/".length),
    "server.address": one.host === "" ? undefined : one.host,
    "client.address": one.client === "" ? undefined : one.client,
    "user_agent.original": one.userAgent,
    "sallyport.request.id": one.requestId,
    "sallyport.api": one.api,
    "sallyport.operation": one.operation,
    "sallyport.product": one.product,
    "sallyport.principal.kind": one.principal,
    "sallyport.decision": one.denied ? "deny" : "allow",
    "sallyport.reason": reason,
  });
}

/** Of the span of what was asked of the upstream. */
export function clientAttributes({
  name,
  address,
  url,
  method,
  tries,
  status,
}: FinishedUpstream): Parameters<typeof attributesOf>[0] {
  const target = URL.parse(url);
  return {
    "http.request.method": methodName(method),
    "url.full": target === null ? undefined : url,
    "server.address": target?.hostname || name,
    "server.port": portOf(target),
    ...peerOf(address),
    "http.response.status_code": status > 0 ? status : undefined,
    "http.request.resend_count": tries > 1 ? tries - 1 : undefined,
    "sallyport.backend": name,
  };
}

/** `host:port`, `[host]:port` of IPv6, or the path of a socket. */
function peerOf(address: string): Parameters<typeof attributesOf>[0] {
  const [, host, port] = /^\[?([^\]]+?)\]?:(\d{1,5})$/.exec(address) ?? [];
  if (host === undefined) return { "network.peer.address": address === "" ? undefined : address };
  return { "network.peer.address": host, "network.peer.port": Number(port) };
}

function portOf(target: URL | null): number | undefined {
  if (target === null) return undefined;
  if (target.port !== "") return Number(target.port);
  return target.protocol === "https:" ? 443 : 80;
}
