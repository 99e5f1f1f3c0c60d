import type { RequestFacts } from "#model/exchange.ts";
import type { HeaderList } from "#model/header-list.ts";
import { unixPeer } from "#model/listen-place.ts";

/** What the forwarded headers are made of. */
export type ForwardedFacts = Pick<RequestFacts, "peerAddress" | "peerTrusted" | "scheme" | "authority">;

/**
 * Writes `X-Forwarded-For`, `-Proto` and `-Host` for the upstream. A trusted peer's values are carried on; anyone
 * else's are replaced, so that a client cannot claim an address, a scheme or a host. `Forwarded` (RFC 7239) of an
 * untrusted peer goes, since an upstream may prefer it. A peer without address (Unix socket) that is not trusted
 * gets none of the three; what a trusted one says stays, and there is no address to put behind it.
 */
export function applyForwardedHeaders(headers: HeaderList, facts: ForwardedFacts): void {
  if (facts.peerTrusted) carryOn(headers, facts);
  else replace(headers, facts);
}

function carryOn(headers: HeaderList, { peerAddress, scheme, authority }: ForwardedFacts): void {
  const prior = headers.joined("x-forwarded-for") ?? "";
  if (hasAddress(peerAddress)) headers.set("X-Forwarded-For", prior === "" ? peerAddress : `${prior}, ${peerAddress}`);
  headers.set("X-Forwarded-Proto", lastValue(headers.joined("x-forwarded-proto")) ?? scheme);
  headers.set("X-Forwarded-Host", lastValue(headers.joined("x-forwarded-host")) ?? authority);
}

function replace(headers: HeaderList, { peerAddress, scheme, authority }: ForwardedFacts): void {
  headers.delete("forwarded");
  if (!hasAddress(peerAddress)) {
    headers.delete("x-forwarded-for");
    headers.delete("x-forwarded-proto");
    headers.delete("x-forwarded-host");
    return;
  }
  headers.set("X-Forwarded-For", peerAddress);
  headers.set("X-Forwarded-Proto", scheme);
  headers.set("X-Forwarded-Host", authority);
}

function hasAddress(peer: string): boolean {
  return peer !== "" && peer !== unixPeer;
}

/** The last value is the one that the nearest proxy wrote. */
function lastValue(joined: string | undefined): string | undefined {
  if (joined === undefined) return undefined;
  const last = joined.slice(joined.lastIndexOf(",") + 1).trim();
  return last === "" ? undefined : last;
}

/**
 * Adds this hop to `Forwarded`, behind what a trusted peer wrote; what anyone else wrote is gone already. A peer without
 * an address is not told.
 *
 * @see RFC 7239 §4
 */
export function applyForwarded(headers: HeaderList, { peerAddress, scheme, authority }: ForwardedFacts): void {
  if (!hasAddress(peerAddress)) return;
  const node = peerAddress.includes(":") ? `[${peerAddress}]` : peerAddress;
  const hop = `for=${quoted(node)};host=${quoted(authority)};proto=${scheme}`;
  const prior = headers.joined("forwarded");
  headers.set("Forwarded", prior === undefined || prior === "" ? hop : `${prior}, ${hop}`);
}

/** A host or an address, which holds neither quotes nor backslashes. @see RFC 9110 §5.6.4 */
function quoted(text: string): string {
  return /[:[\]]/.test(text) ? `"${text}"` : text;
}
