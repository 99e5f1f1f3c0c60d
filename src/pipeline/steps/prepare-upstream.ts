import { applyForwardedHeaders } from "#edge/forwarded.ts";
import { stripHopByHop } from "#edge/hop-by-hop.ts";
import { applyVia } from "#edge/via.ts";
import { applyIdentityHeaders } from "#identity/upstream-identity.ts";
import type { Exchange } from "#model/exchange.ts";

/**
 * The header fields that go upstream: the draft's, without those of the client's connection, with the truth about
 * where the request came from and who makes it. After the inbound section, so that no policy and no client can
 * leave a forged one behind.
 */
export function prepareUpstream(exchange: Exchange): void {
  const { facts, request } = exchange;
  // The draft starts with the list that the edge received, which the record keeps.
  if (request.headers === facts.headers) request.headers = request.headers.clone();
  const { headers } = request;
  stripHopByHop(headers, "request");
  applyForwardedHeaders(headers, facts);
  applyVia(headers, facts.protocol);
  applyIdentityHeaders(headers, exchange.principal, exchange.subscription);
}
