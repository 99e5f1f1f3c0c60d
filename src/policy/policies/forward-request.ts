import { GatewayError } from "#model/errors.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import { optionalValue } from "#policy/arguments.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { evaluateDuration } from "#policy/duration.ts";

/** Sends through the port that holds the permit: a policy has no other way to the backend. */
export function link(node: PolicyNode, context: LinkContext): Run {
  const { forward, clock } = context.ports;
  if (forward === undefined) throw new GatewayError("definition-invalid", 500, "forward-request cannot forward here");
  const value = optionalValue(node, "timeout");
  const timeout = value === undefined ? undefined : evaluateDuration(value, clock, 1, 3_600_000);
  return (exchange) => forward(exchange, timeout?.(exchange));
}
