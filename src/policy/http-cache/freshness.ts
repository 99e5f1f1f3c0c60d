import type { HeaderList } from "#model/header-list.ts";
import { type Directives, parseSeconds } from "./cache-control.ts";
import { parseHttpDate } from "./http-date.ts";

/** Statuses that may be stored without a word of the origin on how long. @see RFC 9110 §15.1 */
const storableByDefault: ReadonlySet<number> = new Set([200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501]);

/**
 * How long a response is fresh, in milliseconds: `s-maxage`, `max-age`, `Expires`, and `fallbackMs` for one that says
 * nothing. Undefined when it may not be reused without a word of the origin. Anything that cannot be read is stale.
 *
 * @see RFC 9111 §4.2.1
 */
export function lifetimeOf(
  status: number,
  headers: HeaderList,
  directives: Directives,
  now: number,
  fallbackMs: number,
): number | undefined {
  if (ageGiven(headers) === null) return 0;
  for (const name of ["s-maxage", "max-age"]) {
    if (directives.has(name)) return (parseSeconds(directives.get(name)) ?? 0) * 1000;
  }
  const expires = headers.all("expires");
  if (expires.length > 0) return lifetimeByExpires(expires, headers, now);
  return fallbackMs > 0 && storableByDefault.has(status) ? fallbackMs : undefined;
}

function lifetimeByExpires(expires: readonly string[], headers: HeaderList, now: number): number {
  const until = expires.length === 1 ? parseHttpDate(expires[0], now) : null;
  if (until === null) return 0;
  return Math.max(0, until - (parseHttpDate(headers.get("date"), now) ?? now));
}

/** How old a response already is when it arrives. @see RFC 9111 §4.2.3 */
export function initialAge(headers: HeaderList, now: number, responseDelayMs: number): number {
  const date = parseHttpDate(headers.get("date"), now);
  const apparent = date === null ? 0 : Math.max(0, now - date);
  return Math.max(apparent, (ageGiven(headers) ?? 0) * 1000 + responseDelayMs);
}

/** Seconds; null when the caches before have left something that is no age, or several: it may be any. */
function ageGiven(headers: HeaderList): number | null {
  const text = headers.joined("age");
  return text === undefined ? 0 : parseSeconds(text.trim());
}
