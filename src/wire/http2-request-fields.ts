import { isFieldValue, isToken } from "./characters.ts";
import { isOwnField, isTarget, unwritable } from "./http1-request-writer.ts";
import type { RequestHead } from "./transport.ts";

/**
 * The head of a request as HTTP/2 spells it: pseudo-header fields first, names in lower case. What belongs to an
 * HTTP/1.1 connection is left out, Host is `:authority`, and Cookie goes in crumbs, which any recipient joins again.
 *
 * @returns flat `[name, value, …]`.
 * @throws GatewayError `internal` for what no field may hold: NUL ends a field in the form that Node hands on.
 * @see RFC 9113 §8.2, §8.3.1
 */
export function http2RequestFields(head: RequestHead, scheme: "http" | "https"): string[] {
  const { method, target, host, fields, framing, expects } = head;
  if (!isToken(method)) throw unwritable("method");
  if (!isTarget(target)) throw unwritable("target");
  if (!isTarget(host)) throw unwritable("host");
  const list = [":method", method, ":scheme", scheme, ":authority", host, ":path", target];
  for (let at = 0; at < fields.length; at += 2) {
    const name = (fields[at] as string).toLowerCase();
    if (isOwnField(name) || name === "http2-settings") continue;
    const value = fields[at + 1] as string;
    if (!isToken(name) || !isFieldValue(value)) throw unwritable("field");
    if (name === "cookie") pushCrumbs(value, list);
    else if (name !== "te" || value.toLowerCase() === "trailers") list.push(name, value.trim());
  }
  if (expects) list.push("expect", "100-continue");
  if (framing >= 0) list.push("content-length", String(framing));
  return list;
}

/** The trailers that may follow a body, or nothing when there are none. @throws GatewayError `internal` */
export function http2Trailers(trailers: readonly string[] | null): string[] {
  const list: string[] = [];
  if (trailers === null) return list;
  for (let at = 0; at < trailers.length; at += 2) {
    const name = (trailers[at] as string).toLowerCase();
    const value = trailers[at + 1] as string;
    if (isOwnField(name) || name === "te") continue;
    if (!isToken(name) || !isFieldValue(value)) throw unwritable("trailer");
    list.push(name, value.trim());
  }
  return list;
}

/** @see RFC 9113 §8.2.3 */
function pushCrumbs(value: string, list: string[]): void {
  for (const crumb of value.split("; ")) if (crumb !== "") list.push("cookie", crumb.trim());
}
