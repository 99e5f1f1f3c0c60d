import { refuse } from "#model/decision.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import { noRoom } from "#model/ports.ts";
import { policiesOf, requiredValue } from "#policy/arguments.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { runSection } from "#policy/runner.ts";
import { evaluateInteger, evaluateString } from "#policy/values.ts";

/** Policies with the same key share a count, wherever they stand. Nobody waits for room: who finds none is refused. */
export function link(node: PolicyNode, context: LinkContext): Run {
  const { concurrency, clock } = context.ports;
  const key = evaluateString(requiredValue(node, "key"), clock);
  const maxCount = evaluateInteger(requiredValue(node, "maxCount"), clock, 1, 1_000_000);
  const steps = context.link(policiesOf(node.args["policies"]));
  return (exchange, signal) => {
    const counted = key(exchange);
    if (counted === "") return refuse("limiter-key-empty");
    const ticket = concurrency.enter(counted, maxCount(exchange));
    if (ticket < 0) return ticket === noRoom ? refuse("overloaded") : refuse("concurrency-exceeded");
    const result = runSection(steps, exchange, signal);
    if (result instanceof Promise) return result.finally(() => concurrency.leave(ticket));
    concurrency.leave(ticket);
    return result;
  };
}
