import type { AccessReason } from "#model/access-reasons.ts";
import type { AccessRule } from "#model/definition.ts";
import type { Exchange } from "#model/exchange.ts";
import type { Clock } from "#model/ports.ts";
import { approvalNames } from "#notation/cel/approval-names.ts";
import { groupsIn } from "./groups-asked.ts";
import { type Evaluate, evaluateExpression } from "./values.ts";

/** An access rule that can be asked. */
export interface LinkedRule {
  readonly effect: AccessRule["effect"];
  readonly test: Evaluate<unknown>;
  /** `file:line` */
  readonly at: string;
  readonly source: string;
  readonly reason: AccessReason | undefined;
  /** Those that it asks for by name. */
  readonly approvals: readonly string[];
  readonly groups: readonly string[] | null;
}

/** Undefined: it failed, or did not give a bool. */
export type RuleValue = boolean | undefined;

export function linkRules(rules: readonly AccessRule[], clock: Clock): readonly LinkedRule[] {
  return rules.map(({ effect, condition, reason }) => ({
    effect,
    test: evaluateExpression(condition, clock),
    at: `${condition.at.file}:${condition.at.line}`,
    source: condition.source,
    reason,
    approvals: condition.language === "cel" ? approvalNames(condition.source) : [],
    groups: groupsIn(condition),
  }));
}

export function valueOf(rule: LinkedRule, exchange: Exchange): RuleValue {
  try {
    const result = rule.test(exchange);
    return typeof result === "boolean" ? result : undefined;
  } catch {
    return undefined;
  }
}
