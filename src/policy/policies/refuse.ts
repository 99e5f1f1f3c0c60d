import { refuse } from "#model/decision.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import { optionalValue, requiredValue } from "#policy/arguments.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { evaluateInteger, evaluateString } from "#policy/values.ts";

export function link(node: PolicyNode, { ports: { clock } }: LinkContext): Run {
  const status = evaluateInteger(requiredValue(node, "status"), clock, 400, 599);
  const given = optionalValue(node, "message");
  const message = given === undefined ? undefined : evaluateString(given, clock);
  return (exchange) =>
    refuse("refused-by-policy", {
      status: status(exchange),
      ...(message === undefined ? {} : { message: message(exchange) }),
    });
}
