import type { StepResult } from "#model/decision.ts";
import type { Passage } from "#pipeline/passage.ts";

/** Whatever the request carries, before any rule runs: token → principal, key → candidate of a subscription. */
export function authenticate({ exchange, handles }: Passage): StepResult {
  return handles.authenticate(exchange);
}
