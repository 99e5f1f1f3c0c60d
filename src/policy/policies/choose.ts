import type { Argument, PolicyNode } from "#model/policy-tree.ts";
import { listOf } from "#policy/arguments.ts";
import type { LinkContext, LinkedStep, Run } from "#policy/context.ts";
import { runSection } from "#policy/runner.ts";
import { type Evaluate, evaluateCondition, isValue } from "#policy/values.ts";
import { GatewayError } from "#model/errors.ts";

interface Branch {
  readonly condition: Evaluate<boolean>;
  readonly steps: readonly LinkedStep[];
}

/** First condition that holds wins; later ones are not evaluated. */
export function link(node: PolicyNode, context: LinkContext): Run {
  const branches = listOf(node.args["when"]).map((item) => linkBranch(item, context));
  const otherwise = linkPolicies(node.args["otherwise"], context);
  return (exchange) => {
    for (const branch of branches) {
      if (branch.condition(exchange)) return runSection(branch.steps, exchange);
    }
    return runSection(otherwise, exchange);
  };
}

function linkBranch(item: Argument, context: LinkContext): Branch {
  const entries = item.kind === "map" ? item.entries : {};
  const { condition } = entries;
  // A branch whose condition got lost must not become one that always or never runs.
  if (!isValue(condition)) throw new GatewayError("definition-invalid", 500, "choose: a branch lacks its condition");
  return {
    condition: evaluateCondition(condition, context.ports.clock),
    steps: linkPolicies(entries["policies"], context),
  };
}

function linkPolicies(argument: Argument | undefined, context: LinkContext): readonly LinkedStep[] {
  return argument?.kind === "policies" ? context.link(argument.policies) : [];
}
