import { clientAddress, type Trust, trustedBeside } from "#edge/trust.ts";
import type { Exchange } from "#model/exchange.ts";

/**
 * Looks again at who the client is, now that the API is known: it may have proxies of its own. A peer that the edge
 * believes already, by its list, a secret or as one that may ask, stays believed.
 */
export function believePeer(exchange: Exchange, proxies: Trust): void {
  const { facts } = exchange;
  const { peerAddress, peerTrusted, headers } = facts;
  const trust = peerTrusted ? trustedBeside(proxies, peerAddress) : proxies;
  if (!trust.trusts(peerAddress)) return;
  const client = clientAddress(peerAddress, headers.joined("x-forwarded-for"), trust);
  exchange.facts = { ...facts, peerTrusted: true, clientAddress: client };
}
