import type { RoleRule } from "#model/definition.ts";
import type { Exchange } from "#model/exchange.ts";
import type { Clock } from "#model/ports.ts";
import type { ProductFacts } from "#model/snapshot.ts";
import { evaluateExpression } from "./values.ts";

type Rule = (exchange: Exchange) => boolean;

/** Links who is in each product by identity. A rule that fails holds for nobody; a product without rules has everybody. */
export function linkMembers(
  products: readonly ProductFacts[],
  clock: Clock,
): (exchange: Exchange, product: ProductFacts) => boolean {
  const rules = new Map(products.map((product) => [product, product.members?.map((rule) => linkRule(rule, clock))]));
  return (exchange, product) => rules.get(product)?.some((holds) => holds(exchange)) ?? product.members === null;
}

function linkRule(rule: RoleRule, clock: Clock): Rule {
  if (rule.kind === "group") return ({ principal }) => principal.groups.includes(rule.group);
  const holds = evaluateExpression(rule.condition, clock);
  return (exchange) => {
    try {
      return holds(exchange) === true;
    } catch {
      return false;
    }
  };
}
