import { type Outcome, refuse } from "#model/decision.ts";
import type { Exchange } from "#model/exchange.ts";
import { chainOf } from "#pipeline/chain-of.ts";
import type { Passage } from "#pipeline/passage.ts";
import { answerPreflight } from "#policy/preflight.ts";

/**
 * The method that a CORS preflight asks about, or undefined when the request is none.
 * @see https://fetch.spec.whatwg.org/#cors-preflight-request
 */
export function preflightMethod({ facts }: Exchange): string | undefined {
  if (facts.method !== "OPTIONS" || !facts.headers.has("origin")) return undefined;
  return facts.headers.get("access-control-request-method");
}

/**
 * A preflight carries no credentials, so it is answered by the cors policies alone, before identity. An API with an
 * OPTIONS operation of its own answers for itself.
 */
export function preflight({ exchange, linked }: Passage): Outcome {
  const { route } = exchange;
  if (route === null || route.method === "OPTIONS" || preflightMethod(exchange) === undefined) return undefined;
  const chain = chainOf(exchange, linked);
  const answer = chain === undefined ? undefined : answerPreflight(exchange, chain);
  if (answer !== undefined) return answer;
  // Only `*` takes OPTIONS itself; another operation was chosen for the method that the preflight asked about.
  return route.method === "*" ? undefined : refuse("method-not-allowed", { headers: ["Allow", route.method] });
}
