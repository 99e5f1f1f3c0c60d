import { untilClose, type Framing } from "./http1-framing.ts";
import type { ResponseHead, ResponseLimits } from "./http1-response-parser.ts";

/** Fields of one HTTP/1.1 connection: forwarded to a client that speaks it, they would be framing. @see RFC 9113 §8.2.2 */
const connectionFields: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
]);
const forbiddenTrailers: ReadonlySet<string> = new Set([...connectionFields, "content-length", "host"]);

/**
 * Reads the head of a response as Node gives it: flat, `:status` first, names and values checked by nghttp2.
 *
 * @param ended END_STREAM came with it.
 * @param bodyless the request was HEAD.
 * @returns the head, or what is wrong.
 * @see RFC 9113 §8.3.2
 */
export function readHttp2Head(
  raw: readonly string[],
  ended: boolean,
  bodyless: boolean,
  limits: ResponseLimits,
): ResponseHead | string {
  if (raw[0] !== ":status") return "no status";
  const status = Number(raw[1]);
  const fields = raw.slice(2);
  const problem = checkFields(fields, limits.headerBytes, limits.headerCount, connectionFields);
  if (problem !== null) return problem;
  const length = declaredLength(fields);
  if (typeof length === "string") return length;
  return { status, statusText: "", fields, framing: framingOf(status, ended || bodyless, length) };
}

/** What is wrong with the trailers, or null. */
export function checkHttp2Trailers(raw: readonly string[], limits: ResponseLimits): string | null {
  return checkFields(raw, limits.trailerBytes, limits.headerCount, forbiddenTrailers);
}

function checkFields(
  raw: readonly string[],
  maxBytes: number,
  maxCount: number,
  forbidden: ReadonlySet<string>,
): string | null {
  if (raw.length > maxCount * 2) return "too many fields";
  let bytes = 0;
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at] as string;
    if (name.startsWith(":") || forbidden.has(name)) return `field ${name.slice(0, 40)} cannot stand here`;
    bytes += name.length + (raw[at + 1] as string).length + 4;
  }
  return bytes > maxBytes ? "section too large" : null;
}

function declaredLength(fields: readonly string[]): number | undefined | string {
  let length: number | undefined;
  for (let at = 0; at < fields.length; at += 2) {
    if (fields[at] !== "content-length") continue;
    const value = fields[at + 1] as string;
    if (length !== undefined) return "repeated content-length";
    if (!/^\d{1,15}$/.test(value)) return "invalid content-length";
    length = Number(value);
  }
  return length;
}

/** Where a length of 0 is declared and the stream goes on, trailers may follow: that is a body, though an empty one. */
function framingOf(status: number, empty: boolean, length: number | undefined): Framing {
  const none = empty || status === 204 || status === 304;
  const body = none ? 0 : length === undefined || length === 0 ? untilClose : length;
  return { body, keepAlive: true, keepAliveMs: -1, declaredLength: length };
}
