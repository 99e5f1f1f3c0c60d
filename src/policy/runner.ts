import { type Outcome, type Refusal, refuse, type StepResult } from "#model/decision.ts";
import type { Exchange } from "#model/exchange.ts";
import { reasons } from "#model/reasons.ts";
import type { LinkedStep } from "./context.ts";
import { describeError, reasonOfError } from "./failure.ts";

/** Told of every step that has run, in order; for tracing. */
export type StepObserver = (step: LinkedStep, outcome: Outcome) => void;

/**
 * Runs the steps of a section in order; the first outcome ends it. No promise is made as long as no step gives
 * one. Never throws: a step that does is a refusal, so a broken policy cannot let a request through.
 */
export function runSection(steps: readonly LinkedStep[], exchange: Exchange, observer?: StepObserver): StepResult {
  return runFrom(steps, 0, exchange, observer);
}

function runFrom(
  steps: readonly LinkedStep[],
  from: number,
  exchange: Exchange,
  observer: StepObserver | undefined,
): StepResult {
  for (let at = from; at < steps.length; at += 1) {
    const step = steps[at] as LinkedStep;
    const result = runStep(step, exchange);
    if (result instanceof Promise) return resume(result, steps, at, exchange, observer);
    observer?.(step, result);
    if (result !== undefined) return result;
  }
  return undefined;
}

function runStep(step: LinkedStep, exchange: Exchange): StepResult {
  try {
    const result = step.run(exchange);
    return result === undefined || result instanceof Promise ? result : settled(step, exchange, result);
  } catch (error) {
    return failed(step, exchange, error);
  }
}

async function resume(
  pending: Promise<Outcome>,
  steps: readonly LinkedStep[],
  at: number,
  exchange: Exchange,
  observer: StepObserver | undefined,
): Promise<Outcome> {
  const step = steps[at] as LinkedStep;
  const outcome = await settledLater(pending, step, exchange);
  observer?.(step, outcome);
  return outcome ?? runFrom(steps, at + 1, exchange, observer);
}

async function settledLater(pending: Promise<Outcome>, step: LinkedStep, exchange: Exchange): Promise<Outcome> {
  try {
    const outcome = await pending;
    return outcome === undefined ? undefined : settled(step, exchange, outcome);
  } catch (error) {
    return failed(step, exchange, error);
  }
}

function settled(step: LinkedStep, exchange: Exchange, outcome: Exclude<Outcome, undefined>): Outcome {
  // What a policy inside this one decided has been noted where it was decided.
  if (step.nests) return outcome;
  if (outcome.kind === "refusal") note(step, exchange, outcome, "refused");
  else exchange.trail.push({ door: "policy", step: step.name, policy: nameOf(step), outcome: "answered", micros: 0 });
  return outcome;
}

function failed(step: LinkedStep, exchange: Exchange, error: unknown): Refusal {
  const refusal = refuse(reasonOfError(error), { detail: `${nameOf(step)}: ${describeError(error)}` });
  note(step, exchange, refusal, "failed");
  return refusal;
}

/** `micros` is 0: single steps are not timed, the section is. */
function note(step: LinkedStep, exchange: Exchange, refusal: Refusal, outcome: "refused" | "failed"): void {
  const { reason, detail } = refusal;
  exchange.trail.push({
    door: "policy",
    step: step.name,
    policy: nameOf(step),
    outcome,
    reason,
    ...(detail === undefined ? {} : { detail }),
    micros: 0,
  });
  exchange.lastError = {
    source: step.name,
    reason,
    message: refusal.message ?? reasons[reason].message,
    scope: step.scope,
    section: step.section,
    policyId: step.id ?? "",
  };
}

function nameOf(step: LinkedStep): string {
  return step.id ?? step.at;
}
