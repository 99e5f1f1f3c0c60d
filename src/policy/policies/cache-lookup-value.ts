import type { CacheEntry } from "#model/cache.ts";
import type { Exchange } from "#model/exchange.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import { literalText, optionalValue, requiredValue } from "#policy/arguments.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { cacheFor } from "#policy/http-cache/caching-type.ts";
import { valueKey } from "#policy/http-cache/keys.ts";
import { decodeValue } from "#policy/value-codec.ts";
import { type Evaluate, evaluateAny, evaluateString } from "#policy/values.ts";

/** A miss without a default leaves the variable as it is, so that a policy can tell by its absence. */
export function link(node: PolicyNode, context: LinkContext): Run {
  const { clock } = context.ports;
  const cache = cacheFor(node, context.ports);
  const key = evaluateString(requiredValue(node, "key"), clock);
  const variable = literalText(node, "variable") ?? "";
  const given = optionalValue(node, "default");
  const fallback = given === undefined ? undefined : evaluateAny(given, clock);
  return (exchange, signal) => {
    const found = cache().get(valueKey(key(exchange)));
    if (found instanceof Promise) {
      // A branch that is not wanted any more must not write over what later policies set.
      return found.then((entry) => (signal?.aborted === true ? undefined : set(entry, exchange, variable, fallback)));
    }
    set(found, exchange, variable, fallback);
    return undefined;
  };
}

function set(
  found: CacheEntry | undefined,
  exchange: Exchange,
  variable: string,
  fallback: Evaluate<unknown> | undefined,
): undefined {
  if (found !== undefined) exchange.setVariable(variable, decodeValue(found.meta));
  else if (fallback !== undefined) exchange.setVariable(variable, fallback(exchange));
}
