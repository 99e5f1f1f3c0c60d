import { STATUS_CODES } from "#lib/node-http.ts";
import type { HeaderList } from "#model/header-list.ts";
import type { Directives } from "./cache-control.ts";

/** What makes a response nobody else's, or nothing at all for a cache. */
export interface StoreRules {
  /** The request carried `Authorization`, or its principal is somebody. */
  readonly personal: boolean;
  /** The policy says that personal and private responses may be kept. */
  readonly allowPrivate: boolean;
}

/**
 * Why a response is not kept, or undefined. `Set-Cookie` is one client's: a cache that hands it to another gives it the
 * first one's session, so it is never kept, whatever else the response says.
 *
 * @see RFC 9111 §3
 */
export function whyNotStored(
  status: number,
  headers: HeaderList,
  directives: Directives,
  { personal, allowPrivate }: StoreRules,
): string | undefined {
  if (status === 206 || status === 304 || status < 200) return "status";
  if (directives.has("must-understand") ? STATUS_CODES[status] === undefined : directives.has("no-store")) {
    return "no-store";
  }
  if (directives.has("private") && !allowPrivate) return "private";
  if (headers.has("set-cookie")) return "set-cookie";
  if (headers.joined("vary")?.includes("*") === true) return "vary";
  if (personal && !allowPrivate && !isForEverybody(directives)) return "personal";
  return undefined;
}

/** @see RFC 9111 §3.5 */
function isForEverybody(directives: Directives): boolean {
  return directives.has("public") || directives.has("s-maxage") || directives.has("must-revalidate");
}
