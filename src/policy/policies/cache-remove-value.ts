import type { PolicyNode } from "#model/policy-tree.ts";
import { requiredValue } from "#policy/arguments.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { cacheFor } from "#policy/http-cache/caching-type.ts";
import { valueKey } from "#policy/http-cache/keys.ts";
import { evaluateString } from "#policy/values.ts";

/** The request waits, and fails when it is not certain that the value is gone: what comes next may rely on it. */
export function link(node: PolicyNode, context: LinkContext): Run {
  const { clock } = context.ports;
  const cache = cacheFor(node, context.ports);
  const key = evaluateString(requiredValue(node, "key"), clock);
  return async (exchange) => {
    await cache().remove(valueKey(key(exchange)));
    return undefined;
  };
}
