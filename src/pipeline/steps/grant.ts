import { type Outcome, refuse } from "#model/decision.ts";
import type { Exchange } from "#model/exchange.ts";
import type { Passage } from "#pipeline/passage.ts";
import { grantedHeaders } from "#pipeline/granted-headers.ts";

/** Every row has let the request through: the proxy that asked may forward it, with these fields. */
export function grant({ exchange, handles }: Passage): Outcome {
  const { question } = exchange;
  if (question === null) return refuse("internal-error", { detail: "nobody asked" });
  const change = changeBeyondFields(exchange);
  if (change !== undefined) return refuse("forward-auth-not-offered", { detail: `a policy changed the ${change}` });
  const headers = grantedHeaders(exchange, handles.assertions);
  if (typeof headers === "string") {
    return refuse("forward-auth-not-offered", { detail: `a policy changed ${headers}, which the answer cannot carry` });
  }
  question.granted = true;
  return { kind: "answer", status: 200, headers, body: null };
}

/**
 * The proxy forwards what it has, so such a change would be lost without a word. It is refused when the definition is
 * loaded; a subscription key in the query is only seen here.
 */
function changeBeyondFields({ facts, request, route }: Exchange): string | undefined {
  if (request.method !== facts.method) return "method";
  if (request.query !== facts.query) return "query";
  if (request.path !== (facts.path.slice(route?.apiPathLength ?? 0) || "/")) return "path";
  if (request.body !== undefined) return "body";
  return request.baseUrl !== null || request.backend !== route?.backend ? "backend" : undefined;
}
