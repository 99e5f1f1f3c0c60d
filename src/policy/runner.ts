import { type Outcome, type Refusal, refuse, type StepResult } from "#model/decision.ts";
import type { Exchange } from "#model/exchange.ts";
import { reasons } from "#model/reasons.ts";
import { evaluationMessage } from "#notation/csharp/compile.ts";
import type { LinkedStep } from "./context.ts";
import { describeError, reasonOfError } from "./failure.ts";

/** Told of every step that has run, in order; for tracing. */
export type StepObserver = (step: LinkedStep, outcome: Outcome) => void;

/**
 * Runs the steps of a section in order; the first outcome ends it. No promise is made as long as no step gives
 * one. Never throws: a step that does is a refusal, so a broken policy cannot let a request through.
 * @param signal of the branch, if they run in one: once it is aborted no further step begins, and nothing is noted
 */
export function runSection(
  steps: readonly LinkedStep[],
  exchange: Exchange,
  signal?: AbortSignal,
  observer?: StepObserver,
): StepResult {
  return runFrom(steps, 0, exchange, signal, observer);
}

function runFrom(
  steps: readonly LinkedStep[],
  from: number,
  exchange: Exchange,
  signal: AbortSignal | undefined,
  observer: StepObserver | undefined,
): StepResult {
  for (let at = from; at < steps.length; at += 1) {
    const step = steps[at] as LinkedStep;
    const result = runStep(step, exchange, signal);
    if (result instanceof Promise) return resume(result, steps, at, exchange, signal, observer);
    observer?.(step, result);
    if (result !== undefined) return result;
  }
  return undefined;
}

function runStep(step: LinkedStep, exchange: Exchange, signal: AbortSignal | undefined): StepResult {
  try {
    const result = step.run(exchange, signal);
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
  signal: AbortSignal | undefined,
  observer: StepObserver | undefined,
): Promise<Outcome> {
  const step = steps[at] as LinkedStep;
  const outcome = await settledLater(pending, step, exchange, signal);
  if (signal?.aborted === true) return undefined;
  observer?.(step, outcome);
  return outcome ?? runFrom(steps, at + 1, exchange, signal, observer);
}

async function settledLater(
  pending: Promise<Outcome>,
  step: LinkedStep,
  exchange: Exchange,
  signal: AbortSignal | undefined,
): Promise<Outcome> {
  try {
    const outcome = await pending;
    return outcome === undefined || signal?.aborted === true ? undefined : settled(step, exchange, outcome);
  } catch (error) {
    return signal?.aborted === true ? undefined : failed(step, exchange, error);
  }
}

function settled(step: LinkedStep, exchange: Exchange, outcome: Exclude<Outcome, undefined>): Outcome {
  // What a policy inside this one decided has been noted where it was decided.
  if (step.nests && outcome === exchange.noted) return outcome;
  exchange.noted = outcome;
  if (outcome.kind === "refusal") note(step, exchange, outcome, "refused");
  else exchange.trail.push({ door: "policy", step: step.name, policy: nameOf(step), outcome: "answered", micros: 0 });
  return outcome;
}

function failed(step: LinkedStep, exchange: Exchange, error: unknown): Refusal {
  const refusal = refuse(reasonOfError(error), { detail: `${nameOf(step)}: ${describeError(error)}` });
  exchange.noted = refusal;
  note(step, exchange, refusal, "failed");
  const told = evaluationMessage(error);
  // Policies see what .NET says; the client and the record do not.
  if (told !== undefined && exchange.lastError !== null) exchange.lastError = { ...exchange.lastError, message: told };
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
    message: refusal.lastError?.message ?? refusal.message ?? reasons[reason].message,
    ...(refusal.lastError?.name === undefined ? {} : { name: refusal.lastError.name }),
    scope: step.scope,
    section: step.section,
    path: step.path,
    policyId: step.id ?? "",
  };
}

function nameOf(step: LinkedStep): string {
  return step.id ?? step.at;
}
