import type { RoleRule } from "#model/definition.ts";
import type { Exchange } from "#model/exchange.ts";
import type { Clock } from "#model/ports.ts";
import type { ProductFacts } from "#model/snapshot.ts";
import { approvalNames } from "#notation/cel/approval-names.ts";
import { groupsIn, noteGroups } from "./groups-asked.ts";
import { missingApproval } from "./missing-approval.ts";
import { evaluateExpression } from "./values.ts";

interface LinkedMemberRule {
  readonly holds: (exchange: Exchange) => boolean;
  readonly groups: readonly string[] | null;
}

interface LinkedMembers {
  readonly rules: readonly LinkedMemberRule[];
  /** Approvals that they ask for by name. */
  readonly approvals: readonly string[];
}

/** Who is in each product by identity, linked. */
export interface Members {
  readonly holds: (exchange: Exchange, product: ProductFacts) => boolean;
  /** The approval that alone would make it hold for one of these products. */
  readonly missing: (exchange: Exchange, products: readonly ProductFacts[]) => string | undefined;
}

/** A rule that fails holds for nobody; a product without rules has everybody. */
export function linkMembers(products: readonly ProductFacts[], clock: Clock): Members {
  const linked = new Map(products.map((product) => [product, linkProduct(product, clock)]));
  const holds: Members["holds"] = (exchange, product) =>
    linked.get(product)?.rules.some((rule) => isHeld(rule, exchange)) ?? product.members === null;
  const missing: Members["missing"] = (exchange, of) => {
    const names = of.flatMap((product) => linked.get(product)?.approvals ?? []);
    const { groupsAsked } = exchange;
    const found = missingApproval(names, exchange, () => of.some((product) => holds(exchange, product)));
    // What would have held has not.
    exchange.groupsAsked = groupsAsked;
    return found;
  };
  return { holds, missing };
}

function linkProduct({ members }: ProductFacts, clock: Clock): LinkedMembers | undefined {
  if (members === null) return undefined;
  return { rules: members.map((rule) => linkRule(rule, clock)), approvals: members.flatMap(namesIn) };
}

function namesIn(rule: RoleRule): readonly string[] {
  return rule.kind === "cel" && rule.condition.language === "cel" ? approvalNames(rule.condition.source) : [];
}

function isHeld({ holds, groups }: LinkedMemberRule, exchange: Exchange): boolean {
  const isSo = holds(exchange);
  if (isSo) noteGroups(exchange, groups);
  return isSo;
}

function linkRule(rule: RoleRule, clock: Clock): LinkedMemberRule {
  if (rule.kind === "group") {
    return { holds: ({ principal }) => principal.groups.includes(rule.group), groups: [rule.group] };
  }
  const test = evaluateExpression(rule.condition, clock);
  const holds = (exchange: Exchange): boolean => {
    try {
      return test(exchange) === true;
    } catch {
      return false;
    }
  };
  return { holds, groups: groupsIn(rule.condition) };
}
