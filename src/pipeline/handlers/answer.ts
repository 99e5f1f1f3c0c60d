import type { Outcome, StepResult } from "#model/decision.ts";
import { type Exchange, ResponseDraft } from "#model/exchange.ts";
import type { AnswerHandler } from "#model/handler.ts";
import type { PolicyPorts } from "#policy/context.ts";
import { linkSingle } from "#policy/link.ts";
import { runSection } from "#policy/runner.ts";

/** What the policy answers becomes the response, so that outbound policies run on it as on any other. */
export function linkAnswer({ policy }: AnswerHandler, ports: PolicyPorts): (exchange: Exchange) => StepResult {
  const steps = [linkSingle(policy, "operation", "backend", ports)];
  return (exchange) => {
    const outcome = runSection(steps, exchange);
    return outcome instanceof Promise ? outcome.then((late) => take(exchange, late)) : take(exchange, outcome);
  };
}

function take(exchange: Exchange, outcome: Outcome): Outcome {
  if (outcome?.kind !== "answer") return outcome;
  const { status, statusText = "", headers, body } = outcome;
  exchange.response = new ResponseDraft(status, statusText, headers, body, "content");
  return undefined;
}
