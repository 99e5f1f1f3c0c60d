import { type Outcome, refuse, type StepResult } from "#model/decision.ts";
import type { StrictEvents } from "#model/ports.ts";
import { chainOf } from "#pipeline/chain-of.ts";
import type { Passage } from "#pipeline/passage.ts";
import { refusalOf } from "#pipeline/refusal-of.ts";
import { runSection } from "#policy/runner.ts";

/**
 * The inbound section, broad and narrow scopes as `base` put them together. From here on a request may reach something:
 * a policy that calls, a backend. Under strict durability that it is about to is on the disk before.
 */
export function inbound(passage: Passage): StepResult {
  const { strict } = passage.linked.events;
  return strict === null ? runInbound(passage) : runRecorded(passage, strict);
}

async function runRecorded(passage: Passage, strict: StrictEvents): Promise<Outcome> {
  const { exchange } = passage;
  try {
    await strict.intent(exchange);
  } catch (error) {
    return refusalOf(error);
  }
  // Of a client that has gone meanwhile nothing is carried out.
  return exchange.aborted ? undefined : runInbound(passage);
}

function runInbound({ exchange, linked }: Passage): StepResult {
  const chain = chainOf(exchange, linked);
  if (chain === undefined) return refuse("policy-failed", { detail: "no policies for this product" });
  return runSection(chain.inbound, exchange);
}
