import type { StepResult } from "#model/decision.ts";
import type { Flow } from "#pipeline/flow.ts";

/** Whatever the request carries, before any rule runs: token → principal, key → candidate of a subscription. */
export function authenticate({ exchange, handles }: Flow): StepResult {
  return handles.authenticate(exchange);
}
