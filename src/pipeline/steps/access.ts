import { type Outcome, refuse } from "#model/decision.ts";
import type { Flow } from "#pipeline/flow.ts";

/** Who may call. An operation without an answer to that does not load; here it would be a refusal. */
export function access({ exchange, linked }: Flow): Outcome {
  const decide = exchange.route === null ? undefined : linked.access[exchange.route.id];
  return decide === undefined ? refuse("access-denied", { detail: "no access plan" }) : decide(exchange);
}
