import type { PolicyNode } from "#model/policy-tree.ts";
import { optionalValue } from "#policy/arguments.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { checkedTarget } from "#policy/uri-template.ts";
import { evaluateString } from "#policy/values.ts";

export function link(node: PolicyNode, { ports: { clock } }: LinkContext): Run {
  const [path, query] = ["path", "query"].map((name) => {
    const value = optionalValue(node, name);
    return value === undefined ? undefined : evaluateString(value, clock);
  });
  return (exchange) => {
    const { request } = exchange;
    const target = checkedTarget(path?.(exchange) ?? request.path, query?.(exchange) ?? request.query);
    request.path = target.path;
    request.query = target.query;
    return undefined;
  };
}
