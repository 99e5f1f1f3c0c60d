import type { StepResult } from "#model/decision.ts";
import { chainOf } from "#pipeline/chain-of.ts";
import type { Passage } from "#pipeline/passage.ts";
import { handlerOf } from "#pipeline/linked.ts";
import { orStale } from "#policy/http-cache/revive.ts";
import { sendElsewhere } from "#policy/send-elsewhere.ts";
import { runSection } from "#policy/runner.ts";

/**
 * Mints the permit (the only place that does) and runs the route's handler: at once when the backend section says
 * nothing, else through its `forward-request`.
 */
export function backend(passage: Passage): StepResult {
  const result = forward(passage);
  const { exchange, handles } = passage;
  return exchange.cache === null ? result : orStale(result, exchange, handles.clock);
}

function forward({ exchange, linked, handles }: Passage): StepResult {
  const permit = handles.mint(exchange, exchange.principal);
  if (exchange.route?.shadow !== undefined) handles.shadowing.permitted(exchange, permit);
  const section = chainOf(exchange, linked)?.backend ?? [];
  if (section.length === 0) {
    const handler = handlerOf(linked, exchange);
    const { retarget } = exchange.request;
    return retarget === null
      ? handler(exchange, permit)
      : sendElsewhere(() => handler(exchange, permit), exchange, retarget);
  }
  linked.permits.set(exchange, permit);
  return runSection(section, exchange);
}
