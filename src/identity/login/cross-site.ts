import { clientScheme } from "#model/client-scheme.ts";
import type { RequestFacts } from "#model/exchange.ts";

/** Methods that change nothing, so that it does not matter which page has a browser send them. RFC 9110 §9.2.1 */
const safeMethods: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Whether a request that a cookie speaks for might be another site's doing. Of what changes something, and of upgrades
 * (a WebSocket is opened by GET, and no browser asks before), the browser must say that it came from this very origin;
 * another host of the same site is not it. SameSite alone would let those through.
 *
 * @returns what speaks against it, for the record; null: nothing
 * @see https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header, RFC 6454 §7
 */
export function crossSiteDoubt(facts: RequestFacts): string | null {
  const { method, headers, authority } = facts;
  if (safeMethods.has(method) && !isUpgrade(facts)) return null;
  const scheme = clientScheme(facts);
  const site = headers.joined("sec-fetch-site");
  if (site !== undefined)
    return site === "same-origin"
      ? originDoubt(headers.joined("origin"), scheme, authority)
      : `Sec-Fetch-Site: ${site.slice(0, 40)}`;
  const origin = headers.joined("origin");
  // A program with somebody's cookie can say where it comes from as well as a browser does.
  return origin === undefined ? "neither Origin nor Sec-Fetch-Site" : originDoubt(origin, scheme, authority);
}

/** A proxy that asks about a WebSocket (forward_auth) keeps `Upgrade` to itself: the rest of the handshake tells. */
function isUpgrade({ upgrade, headers }: RequestFacts): boolean {
  if (upgrade !== null || headers.joined("sec-websocket-key") !== undefined) return true;
  if (headers.joined("sec-fetch-mode")?.trim().toLowerCase() === "websocket") return true;
  return /^wss?$/i.test(headers.joined("x-forwarded-proto")?.trim() ?? "");
}

function originDoubt(origin: string | undefined, scheme: string, authority: string): string | null {
  if (origin === undefined || isOwnOrigin(origin, scheme, authority)) return null;
  return `Origin: ${origin.slice(0, 80)}`;
}

/** Whether an Origin is that of the page's own host. */
export function isOwnOrigin(origin: string, scheme: string, authority: string): boolean {
  const own = URL.parse(`${scheme}://${authority}`);
  return own !== null && own.origin === URL.parse(origin)?.origin && own.origin !== "null";
}
