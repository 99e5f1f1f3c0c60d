import { refuse, type StepResult } from "#model/decision.ts";
import { chainOf } from "#pipeline/chain-of.ts";
import type { Flow } from "#pipeline/flow.ts";
import { forwardWith } from "#pipeline/forward-with.ts";
import { runSection } from "#policy/runner.ts";
import { prepareUpstream } from "./prepare-upstream.ts";

/**
 * Mints the permit (the only place that does) and forwards: at once when the backend section says nothing, else
 * through its `forward-request`.
 */
export function backend({ exchange, linked, handles }: Flow): StepResult {
  const { request } = exchange;
  if (request.backend < 0 && request.baseUrl === null) {
    return refuse("upstream-unavailable", { detail: "the API has no backend and no policy set one" });
  }
  prepareUpstream(exchange);
  const permit = handles.mint(exchange, exchange.principal);
  const section = chainOf(exchange, linked)?.backend ?? [];
  if (section.length === 0) return forwardWith(linked.forward, exchange, permit);
  linked.permits.set(exchange, permit);
  return runSection(section, exchange);
}
