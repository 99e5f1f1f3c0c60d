import { refuse, type StepResult } from "#model/decision.ts";
import { chainOf } from "#pipeline/chain-of.ts";
import type { Passage } from "#pipeline/passage.ts";
import { runSection } from "#policy/runner.ts";

/** The inbound section, broad and narrow scopes as `base` put them together. */
export function inbound({ exchange, linked }: Passage): StepResult {
  const chain = chainOf(exchange, linked);
  if (chain === undefined) return refuse("policy-failed", { detail: "no policies for this product" });
  return runSection(chain.inbound, exchange);
}
