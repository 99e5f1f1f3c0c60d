import type { PolicyNode } from "#model/policy-tree.ts";
import { literalText, requiredValue } from "#policy/arguments.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { evaluateAny } from "#policy/values.ts";

/** A literal keeps the type it is written with, an expression the type it gives; integers stay CEL integers. */
export function link(node: PolicyNode, context: LinkContext): Run {
  const name = literalText(node, "name") ?? "";
  const given = requiredValue(node, "value");
  const value = evaluateAny(given, context.ports.clock);
  const isTyped = given.kind === "expression" && given.expression.language === "csharp";
  return (exchange) => {
    const result = value(exchange);
    exchange.setVariable(name, isTyped ? result : celValue(result));
    return undefined;
  };
}

/** A whole number of the definition is an integer to later expressions, as it would be when written in one. */
function celValue(value: unknown): unknown {
  return typeof value === "number" && Number.isSafeInteger(value) ? BigInt(value) : value;
}
