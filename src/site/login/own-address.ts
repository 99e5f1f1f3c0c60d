import { sitePrefix, type SiteRequest } from "#model/site.ts";

/** One of the gateway's own pages at the host that was asked. */
export function ownAddress({ scheme, authority }: SiteRequest, path: string): string {
  return `${scheme}://${authority}${sitePrefix}${path}`;
}

/** A path of this host with a query. */
export function ownPath(path: string, query: Readonly<Record<string, string>> = {}): string {
  const text = new URLSearchParams(query).toString();
  return `${sitePrefix}${path}${text === "" ? "" : `?${text}`}`;
}

/** Whether browsers keep our cookies here: over TLS, or on the very machine. */
export function canKeepCookies({ scheme, host }: SiteRequest): boolean {
  return scheme === "https" || host === "localhost" || host.endsWith(".localhost");
}
