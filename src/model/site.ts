import type { Principal } from "./principal.ts";
import type { ReasonCode } from "./reasons.ts";

/** At a host that has pages of the gateway's own, this path and all below it are the gateway's, whatever its APIs say. */
export const sitePrefix = "/.sallyport";

/** Largest body that such a page takes. */
export const siteBodyBytes: number = 64 * 1024;

/** Names of all cookies that are ours begin so: browsers take them from the very host alone, and over TLS. */
export const ownCookiePrefix = "__Host-sallyport-";

/** Pages below this, and those at these paths, ask who calls; the others are for everybody, whatever a request carries. */
export const identifiedPrefix: string = `${sitePrefix}/access`;
export const identifiedPaths: readonly string[] = [`${sitePrefix}/userinfo`, `${sitePrefix}/keys`];

/** A request for one of the gateway's own pages, as the edge has judged it. */
export interface SiteRequest {
  /** Of the exchange; what a page shows to whoever asks for help. */
  readonly id: string;
  readonly method: string;
  /** What the client speaks, by the word of a proxy that is believed. */
  readonly scheme: "http" | "https";
  /** Lower case, without port. */
  readonly host: string;
  /** As sent, with its port. */
  readonly authority: string;
  /** Below {@link sitePrefix}: empty, or begins with a slash. */
  readonly path: string;
  readonly query: string;
  /** Those that pages need, by their names in lower case; of several of one name the values joined. */
  readonly headers: Readonly<Record<string, string>>;
  /** Our own, by name; one that comes twice is left out, as nobody knows which of them is meant. */
  readonly cookies: ReadonlyMap<string, string>;
  readonly body: Uint8Array;
  readonly clientAddress: string;
  /** By the token that came with it; null: nobody in particular, or the page does not ask. */
  readonly principal: Principal | null;
}

export interface SiteResponse {
  readonly status: number;
  /** Flat `[name, value, …]`. */
  readonly headers: readonly string[];
  readonly body: string;
  /** Why it is no success, for the record. */
  readonly reason?: ReasonCode;
  /** For the record alone: why, or what was done. No secrets. */
  readonly detail?: string;
  /** Who it was, where the page has found out. */
  readonly principal?: Principal;
}

const dot = 0x2e;
const slash = 0x2f;
const semicolon = 0x3b;

/**
 * Whether a normalised path is the gateway's own. In any case of its letters, and with a mark of a revision behind it:
 * an upstream that reads those as the same must not get it either.
 */
export function isSitePath(path: string): boolean {
  if (path.charCodeAt(1) !== dot || path.length < sitePrefix.length) return false;
  const next = path.charCodeAt(sitePrefix.length);
  if (path.length > sitePrefix.length && next !== slash && next !== semicolon) return false;
  return path.slice(0, sitePrefix.length).toLowerCase() === sitePrefix;
}
