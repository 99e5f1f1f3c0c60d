import { applyForwardedHeaders } from "#edge/forwarded.ts";
import { applyVia } from "#edge/via.ts";
import { applyIdentityHeaders } from "#identity/upstream-identity.ts";
import type { Exchange } from "#model/exchange.ts";
import { stripHopByHop } from "#wire/hop-by-hop.ts";

/**
 * The header fields that go upstream: the draft's, without those of the client's connection, with the truth about
 * where the request came from and who makes it. After the inbound section, so that no policy and no client can
 * leave a forged one behind.
 */
export function prepareUpstream(exchange: Exchange): void {
  const { facts, request } = exchange;
  // A new list: the draft's first one is the edge's, which the record keeps.
  const headers = stripHopByHop(request.headers, true);
  request.headers = headers;
  applyForwardedHeaders(headers, facts);
  applyVia(headers, facts.protocol);
  applyIdentityHeaders(headers, exchange.principal, exchange.subscription);
}
