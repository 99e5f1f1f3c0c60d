import { applyForwardedHeaders } from "#edge/forwarded.ts";
import { applyIdentityHeaders } from "#identity/upstream-identity.ts";
import type { Exchange } from "#model/exchange.ts";
import type { HeaderList } from "#model/header-list.ts";
import { anonymous } from "#model/principal.ts";
import type { Egress } from "#model/ports.ts";
import type { AskAuthService } from "#policy/context.ts";
import { stripHopByHop } from "#wire/hop-by-hop.ts";

/**
 * Fields of the request that mean nothing without its body, or that ask for another answer than a decision: a 304 or a
 * 206 of the auth service would reach the client as one of the backend.
 */
const ofTheRequestItself =
  /^(?:content-.*|expect|if-(?:match|none-match|modified-since|unmodified-since|range)|range|te|trailer)$/i;

/**
 * Asks an auth service of somebody else. It is told what the client sent and where that came from; never the body, and
 * never whom this gateway takes the client for: what it says is to rest on what it has seen itself.
 */
export function createAskAuthService(egress: Egress): AskAuthService {
  return async (exchange, { url, preserveHost, timeoutMs, maxBytes }) => {
    const headers = questionHeaders(exchange);
    const host = preserveHost ? { host: exchange.facts.authority } : {};
    const asked = { url, headers: headers.raw, ...host, timeoutMs, maxBytes } as const;
    const response = await egress.fetch({ ...asked, declared: true, keepAlive: true });
    return { ...response, headers: stripHopByHop(response.headers, false) };
  };
}

function questionHeaders({ facts, request }: Exchange): HeaderList {
  const headers = stripHopByHop(request.headers, false);
  const { raw } = headers;
  const own = raw.filter((_, at) => at % 2 === 0 && ofTheRequestItself.test(raw[at] as string));
  for (const name of own) headers.delete(name.toLowerCase());
  headers.delete("host");
  applyForwardedHeaders(headers, facts);
  applyIdentityHeaders(headers, anonymous, null);
  headers.set("X-Forwarded-Method", facts.method);
  // The draft's query: a subscription key has been taken out of it.
  headers.set("X-Forwarded-Uri", request.query === "" ? facts.path : `${facts.path}?${request.query}`);
  headers.set("X-Request-Id", facts.id);
  return headers;
}
