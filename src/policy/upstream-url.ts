import { clientScheme } from "#model/client-scheme.ts";
import type { Exchange } from "#model/exchange.ts";

/** Where the request would go as it is now: `context.Request.Url` of expressions. Without a base URL the client's own. */
export function upstreamUrl({ facts, request }: Exchange): string {
  const query = request.query === "" ? "" : `?${request.query}`;
  const base = request.baseUrl ?? `${clientScheme(facts)}://${facts.authority}`;
  return `${base.replace(/\/$/, "")}${request.path}${query}`;
}
