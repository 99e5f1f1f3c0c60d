import type { PolicyNode } from "#model/policy-tree.ts";
import { requiredValue, valuesOf } from "#policy/arguments.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { linkAction } from "#policy/header-change.ts";
import { encodeComponent, hasParameter, withoutParameter } from "#policy/query.ts";
import { evaluateString } from "#policy/values.ts";

/** Pairs of other names stay byte for byte what the client sent; new ones are encoded, so no value adds a pair. */
export function link(node: PolicyNode, context: LinkContext): Run {
  const { clock } = context.ports;
  const name = evaluateString(requiredValue(node, "name"), clock);
  const values = valuesOf(node, "values").map((value) => evaluateString(value, clock));
  const actionOf = linkAction(node, clock);
  return (exchange) => {
    const { request } = exchange;
    const parameter = name(exchange);
    const action = actionOf(exchange);
    if (action === "skip" && hasParameter(request.query, parameter)) return undefined;
    const kept = action === "append" ? request.query : withoutParameter(request.query, parameter);
    const added =
      action === "delete"
        ? []
        : values.map((value) => `${encodeComponent(parameter)}=${encodeComponent(value(exchange))}`);
    request.query = [kept, ...added].filter((part) => part !== "").join("&");
    return undefined;
  };
}
