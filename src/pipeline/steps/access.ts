import { type Outcome, refuse } from "#model/decision.ts";
import type { Deciding } from "#pipeline/passage.ts";

/** Who may call. An operation without an answer to that does not load; here it would be a refusal. */
export function access({ exchange, linked }: Deciding): Outcome {
  const { route } = exchange;
  const rules = route === null ? undefined : linked.access[route.id];
  if (route === null || rules === undefined) return refuse("access-denied", { detail: "no access plan" });
  return linked.maintenance[route.id]?.late(exchange) ?? rules.decide(exchange);
}
