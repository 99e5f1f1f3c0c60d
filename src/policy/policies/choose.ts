import type { Argument, PolicyNode } from "#model/policy-tree.ts";
import { listOf, policiesOf } from "#policy/arguments.ts";
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
  const items = listOf(node.args["when"]);
  const branches = items.map((item, at) => linkBranch(item, context, items.length === 1 ? "when" : `when[${at + 1}]`));
  const otherwise = linkPolicies(node.args["otherwise"], context, "otherwise");
  return (exchange, signal) => {
    for (const branch of branches) {
      if (branch.condition(exchange)) return runSection(branch.steps, exchange, signal);
    }
    return runSection(otherwise, exchange, signal);
  };
}

function linkBranch(item: Argument, context: LinkContext, below: string): Branch {
  const entries = item.kind === "map" ? item.entries : {};
  const { condition } = entries;
  // A branch whose condition got lost must not become one that always or never runs.
  if (!isValue(condition)) throw new GatewayError("definition-invalid", 500, "choose: a branch lacks its condition");
  return {
    condition: evaluateCondition(condition, context.ports.clock),
    steps: linkPolicies(entries["policies"], context, below),
  };
}

function linkPolicies(argument: Argument | undefined, context: LinkContext, below: string): readonly LinkedStep[] {
  return context.link(policiesOf(argument), below);
}
