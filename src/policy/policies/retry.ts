import { setTimeout as sleep } from "node:timers/promises";
import type { Outcome } from "#model/decision.ts";
import type { Exchange } from "#model/exchange.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import { type BodyReads, readsOfArgument } from "#notation/policies/body-reads.ts";
import { policiesOf, requiredValue } from "#policy/arguments.ts";
import type { BodyRoom } from "#policy/body-room.ts";
import type { LinkContext, LinkedStep, PolicyPorts, Run } from "#policy/context.ts";
import { gather } from "#policy/gather.ts";
import { linkRetryWait } from "#policy/retry-wait.ts";
import { runSection } from "#policy/runner.ts";
import { type Evaluate, evaluateCondition, evaluateInteger } from "#policy/values.ts";

interface Retry {
  readonly steps: readonly LinkedStep[];
  readonly condition: Evaluate<boolean>;
  readonly count: Evaluate<number>;
  /** Milliseconds before the repetition of that number, from 1. */
  readonly wait: (exchange: Exchange, nth: number) => number;
  /** What the condition looks into: it is another response each time. */
  readonly reads: BodyReads;
  readonly bodies: BodyRoom;
  readonly pause: NonNullable<PolicyPorts["pause"]>;
}

const pause: Retry["pause"] = (ms, signal) => sleep(ms, undefined, { signal });

/**
 * A repetition begins with what the one before has left; only what became of that is forgotten. A policy that answers
 * ends it, one that fails leaves it to the condition.
 */
export function link(node: PolicyNode, context: LinkContext): Run {
  const { clock, bodies, random } = context.ports;
  const condition = requiredValue(node, "condition");
  const retry: Retry = {
    steps: context.link(policiesOf(node.args["policies"])),
    condition: evaluateCondition(condition, clock),
    count: evaluateInteger(requiredValue(node, "count"), clock, 1, 50),
    wait: linkRetryWait(node, clock, random),
    reads: readsOfArgument(condition),
    bodies,
    pause: context.ports.pause ?? pause,
  };
  return (exchange, signal) => run(retry, exchange, signal);
}

async function run(retry: Retry, exchange: Exchange, signal: AbortSignal | undefined): Promise<Outcome> {
  const most = retry.count(exchange);
  let outcome = await runSection(retry.steps, exchange, signal);
  for (let nth = 1; nth <= most && (await isDue(retry, outcome, exchange)); nth += 1) {
    const ms = retry.wait(exchange, nth);
    if (ms > 0) await retry.pause(ms, signal ?? exchange.signal);
    exchange.lastError = null;
    exchange.trail.push({ door: "policy", step: "retry", outcome: "retried", detail: `repetition ${nth}`, micros: 0 });
    outcome = await runSection(retry.steps, exchange, signal);
  }
  return outcome;
}

async function isDue(retry: Retry, outcome: Outcome, exchange: Exchange): Promise<boolean> {
  if (outcome?.kind === "answer" || exchange.aborted) return false;
  if (outcome !== undefined) return holdsAfterFailure(retry, exchange);
  await gather(exchange, retry.reads, retry.bodies);
  return retry.condition(exchange);
}

/** One that cannot be told then (there is no response to look at) leaves the failure as the outcome. */
async function holdsAfterFailure(retry: Retry, exchange: Exchange): Promise<boolean> {
  try {
    await gather(exchange, retry.reads, retry.bodies);
    return retry.condition(exchange);
  } catch {
    return false;
  }
}
