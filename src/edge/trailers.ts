import type { HeaderList } from "#model/header-list.ts";

/**
 * Fields that must not come behind a body: framing, routing, authentication, and what this gateway decides by. A
 * recipient may merge trailers into the header, past every check that was made on it.
 *
 * @see RFC 9110 §6.5.1
 */
const forbidden: ReadonlySet<string> = new Set([
  "authorization",
  "connection",
  "content-encoding",
  "content-length",
  "content-range",
  "content-type",
  "cookie",
  "expect",
  "forwarded",
  "host",
  "http2-settings",
  "keep-alive",
  "proxy-authorization",
  "proxy-connection",
  "range",
  "set-cookie",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "via",
  "x-request-id",
]);

/** Written by this gateway alone: an identity that comes behind the body would be believed like one that it wrote. */
const ours = /^x-(?:forwarded|auth-request|sallyport)-|[_.]/;

/** The trailers that may pass, flat; null when there is none. */
export function allowedTrailers(raw: readonly string[] | null): string[] | null {
  if (raw === null || raw.length === 0) return null;
  const allowed: string[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at] as string;
    if (!isForbidden(name.toLowerCase())) allowed.push(name, raw[at + 1] as string);
  }
  return allowed.length === 0 ? null : allowed;
}

/**
 * What `Trailer` may announce to the client of what the sender of `headers` has announced, or null. Only for a response
 * that can have trailers: a length in place of chunks leaves no room for them.
 *
 * @see RFC 9110 §6.6.2
 */
export function announcedTrailers(headers: HeaderList): string | null {
  const announced = headers.joined("trailer");
  if (announced === undefined) return null;
  const names = announced.split(",").map((name) => name.trim());
  const allowed = names.filter((name) => isToken(name) && !isForbidden(name.toLowerCase()));
  return allowed.length === 0 ? null : allowed.join(", ");
}

/** @see RFC 9110 §5.6.2 */
function isToken(name: string): boolean {
  return /^[\w!#$%&'*+.^`|~-]+$/.test(name);
}

function isForbidden(name: string): boolean {
  return forbidden.has(name) || name.startsWith(":") || ours.test(name);
}
