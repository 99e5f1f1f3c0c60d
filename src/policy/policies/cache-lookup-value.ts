import type { CacheEntry } from "#model/cache.ts";
import type { Exchange } from "#model/exchange.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import { literalText, optionalValue, requiredValue } from "#policy/arguments.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { valueKey } from "#policy/http-cache/keys.ts";
import { decodeValue } from "#policy/value-codec.ts";
import { type Evaluate, evaluateAny, evaluateString } from "#policy/values.ts";

/** A miss without a default leaves the variable as it is, so that a policy can tell by its absence. */
export function link(node: PolicyNode, context: LinkContext): Run {
  const { cache, clock } = context.ports;
  const key = evaluateString(requiredValue(node, "key"), clock);
  const variable = literalText(node, "variable") ?? "";
  const given = optionalValue(node, "default");
  const fallback = given === undefined ? undefined : evaluateAny(given, clock);
  return (exchange) => {
    const found = cache.get(valueKey(key(exchange)));
    if (found instanceof Promise) return setLater(found, exchange, variable, fallback);
    set(found, exchange, variable, fallback);
    return undefined;
  };
}

async function setLater(
  pending: Promise<CacheEntry | undefined>,
  exchange: Exchange,
  variable: string,
  fallback: Evaluate<unknown> | undefined,
): Promise<undefined> {
  set(await pending, exchange, variable, fallback);
}

function set(
  found: CacheEntry | undefined,
  exchange: Exchange,
  variable: string,
  fallback: Evaluate<unknown> | undefined,
): void {
  if (found !== undefined) exchange.setVariable(variable, decodeValue(found.meta));
  else if (fallback !== undefined) exchange.setVariable(variable, fallback(exchange));
}
