import type { Outcome } from "#model/decision.ts";
import type { Exchange } from "#model/exchange.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import { readsInside } from "#notation/policies/body-reads.ts";
import { policiesOf, requiredValue } from "#policy/arguments.ts";
import type { LinkContext, LinkedStep, Run } from "#policy/context.ts";
import { expressionFailed } from "#policy/failure.ts";
import { gather } from "#policy/gather.ts";
import { runSection } from "#policy/runner.ts";
import { evaluateString } from "#policy/values.ts";

/**
 * A body can be read once, and two branches might begin to: what any of them reads is in memory before they start.
 * A refusal or an answer of one branch is the whole's, and ends the others.
 */
export function link(node: PolicyNode, context: LinkContext): Run {
  const { clock, bodies } = context.ports;
  const inner = policiesOf(node.args["policies"]);
  const branches = context.link(inner).map((step) => [step]);
  const reads = readsInside(inner, context.section);
  const mode = evaluateString(requiredValue(node, "for"), clock);
  return (exchange, outer) => {
    const any = isAny(mode(exchange));
    const gathering = gather(exchange, reads, bodies);
    if (gathering === undefined) return runAll(branches, any, exchange, outer);
    return gathering.then(() => runAll(branches, any, exchange, outer));
  };
}

function isAny(mode: string): boolean {
  const text = mode.toLowerCase();
  if (text === "any" || text === "all") return text === "any";
  throw expressionFailed("wait: for is all or any");
}

function runAll(
  branches: readonly (readonly LinkedStep[])[],
  any: boolean,
  exchange: Exchange,
  outer: AbortSignal | undefined,
): Outcome | Promise<Outcome> {
  const controller = new AbortController();
  const signal = AbortSignal.any([outer ?? exchange.signal, controller.signal]);
  const pending: Promise<Outcome>[] = [];
  for (const branch of branches) {
    const result = runSection(branch, exchange, signal);
    if (result instanceof Promise) pending.push(result);
    else if (any || result !== undefined) {
      controller.abort();
      return result;
    }
  }
  return pending.length === 0 ? undefined : firstOf(pending, any).finally(() => controller.abort());
}

/** The first that says something; with `any` the first at all. None of them rejects: the runner sees to it. */
function firstOf(pending: readonly Promise<Outcome>[], any: boolean): Promise<Outcome> {
  let left = pending.length;
  return new Promise((resolve) => {
    const take = async (one: Promise<Outcome>): Promise<void> => {
      const outcome = await one;
      left -= 1;
      if (any || outcome !== undefined || left === 0) resolve(outcome);
    };
    for (const one of pending) void take(one);
  });
}
