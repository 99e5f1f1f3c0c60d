import { clientScheme } from "#model/client-scheme.ts";
import type { Exchange } from "#model/exchange.ts";

/**
 * Where the request would go as it is now: `context.Request.Url` of expressions. The client's own host stands for a
 * backend without an address of HTTP: a socket, one that is discovered, or none.
 */
export function upstreamUrl({ facts, request, serviceUrls }: Exchange): string {
  const query = request.query === "" ? "" : `?${request.query}`;
  const base = request.baseUrl ?? (serviceUrls[request.backend] || `${clientScheme(facts)}://${facts.authority}`);
  return `${base.replace(/\/$/, "")}${request.path}${query}`;
}
