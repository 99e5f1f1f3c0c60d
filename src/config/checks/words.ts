import { RE2JS } from "re2js";
import { unixPeer } from "#model/listen-place.ts";
import { parseRange } from "#notation/catalogue/address.ts";
import type { Parsed } from "#config/shapes/text.ts";

/** An address or a CIDR range. */
export function parseNetwork(text: string): Parsed<string> {
  if (!text.includes("%") && parseRange(text) !== undefined) return { value: text };
  return { problem: `${text} is not an IP address or range`, fix: "write 10.0.0.0/8 or 2001:db8::1" };
}

/** The same, or `unix` for whoever comes over a Unix socket. */
export function parsePeer(text: string): Parsed<string> {
  if (text === unixPeer) return { value: text };
  const network = parseNetwork(text);
  if ("value" in network) return network;
  return { problem: `${text} is not an IP address or range, nor unix`, fix: "write 10.0.0.0/8, 2001:db8::1 or unix" };
}

/** Name of a header field, in lower case. @see RFC 9110 §5.1 */
export function parseHeaderName(text: string): Parsed<string> {
  if (/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,128}$/.test(text)) return { value: text.toLowerCase() };
  return { problem: `${text} is not the name of a header field` };
}

const takenHeaders =
  /^(authorization|proxy-.*|cookie|dpop|host|forwarded|x-forwarded-.*|content-.*|accept.*|user-agent)$/;

/** A field that nothing else has a use for: it is taken out of what goes on. */
export function parseActorHeader(text: string): Parsed<string> {
  const parsed = parseHeaderName(text);
  if ("problem" in parsed || !takenHeaders.test(parsed.value)) return parsed;
  return { problem: `${text} has another meaning`, fix: "write actorHeader: X-Actor-Token" };
}

/** The same, in the letters it was written in: for names that are shown. */
export function parseShownHeaderName(text: string): Parsed<string> {
  const parsed = parseHeaderName(text);
  return "problem" in parsed ? parsed : { value: text };
}

/** What stores and addresses of the admin API call a user. */
export function parseUserId(text: string): Parsed<string> {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(text)) return { value: text };
  return { problem: `${text} is not the id of a user`, fix: "use letters, digits, . _ and -, at most 128" };
}

/** A time of RFC 3339 with its offset, as milliseconds since the epoch. */
export function parseTime(text: string): Parsed<number> {
  const form = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/;
  const value = form.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(value)) return { value };
  return { problem: `${text} is not a time`, fix: "write 2027-01-31T00:00:00Z" };
}

/** A day, as ISO 8601 writes it. */
export function parseDay(text: string): Parsed<string> {
  const start = /^\d{4}-\d\d-\d\d$/.test(text) ? new Date(`${text}T00:00:00Z`) : undefined;
  // The 31st of a short month is no day, and not the first of the next.
  if (start !== undefined && !Number.isNaN(start.getTime()) && start.toISOString().startsWith(text))
    return { value: text };
  return { problem: `${text} is not a day`, fix: "write 2027-01-31" };
}

/** A media type without parameters, `*` at most once. */
export function parseTypePattern(text: string): Parsed<string> {
  if (/^[a-z0-9*][a-z0-9!#$&^_.+*-]*\/[a-z0-9!#$&^_.+*-]+$/i.test(text) && text.split("*").length <= 2) {
    return { value: text.toLowerCase() };
  }
  return { problem: `${text} is not a media type`, fix: "write application/json or text/*" };
}

/** The value of a header field. @see RFC 9110 §5.5 */
export function parseFieldValue(text: string): Parsed<string> {
  if (/^[\x21-\x7e](?:[\t\x20-\x7e]{0,1022}[\x21-\x7e])?$/.test(text)) return { value: text };
  return { problem: `${text} cannot be the value of a header field` };
}

/** Name of a query parameter as it stands in a URL. */
export function parseParameterName(text: string): Parsed<string> {
  if (/^[A-Za-z0-9._~-]{1,128}$/.test(text)) return { value: text };
  return { problem: `${text} is not the name of a query parameter`, fix: "use letters, digits and . _ ~ -" };
}

/** Name of a version of an API: it may be a segment of a path. */
export function parseVersion(text: string): Parsed<string> {
  if (/^(?!\.{1,2}$)[A-Za-z0-9._~-]{1,60}$/.test(text)) return { value: text };
  return { problem: `${text} is not the name of a version`, fix: "use letters, digits and . _ ~ -, such as v2" };
}

/** A method, or `*` for any. The methods of HTTP are in upper case; others are compared as they are. */
export function parseMethod(text: string): Parsed<string> {
  if (text === "*") return { value: text };
  if (/^[A-Za-z][A-Za-z-]{0,31}$/.test(text) && text.toUpperCase() !== "CONNECT") return { value: text.toUpperCase() };
  return { problem: `${text} is not a method that can be served`, fix: "write GET, POST, …, or * for any" };
}

/** A protocol to switch to, in lower case. @see RFC 9110 §7.8 */
export function parseProtocol(text: string): Parsed<string> {
  if (/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,64}(\/[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,64})?$/.test(text)) {
    return { value: text.toLowerCase() };
  }
  return { problem: `${text} is not the name of a protocol`, fix: "write websocket" };
}

/** Name of a cookie. @see RFC 6265 §4.1.1 */
export function parseCookieName(text: string): Parsed<string> {
  if (/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,128}$/.test(text)) return { value: text };
  return { problem: `${text} is not the name of a cookie`, fix: "use letters, digits, _ and -" };
}

const longestPattern = 500;

/** A pattern that takes linear time on any text. @see https://github.com/google/re2/wiki/Syntax */
export function parseLinearPattern(text: string): Parsed<string> {
  if (text.length > longestPattern) return { problem: `a pattern is at most ${longestPattern} characters long` };
  try {
    RE2JS.compile(text);
    return { value: text };
  } catch {
    return { problem: `${text} is not a pattern`, fix: "write RE2 syntax: no look-around, no back-references" };
  }
}
