import type { PolicyNode } from "#model/policy-tree.ts";
import { optionalValue, requiredValue } from "#policy/arguments.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { evaluateDuration } from "#policy/duration.ts";
import { CacheInvalidation, cacheUseOf } from "#policy/http-cache/cache-use.ts";
import { invalidate } from "#policy/http-cache/invalidate.ts";
import { store } from "#policy/http-cache/store.ts";
import { responseOf } from "#policy/request-draft.ts";
import { evaluateBoolean } from "#policy/values.ts";

/** 2³¹ − 1 seconds, which documents write for ever. */
const longest = 2_147_483_647_000;

export function link(node: PolicyNode, context: LinkContext): Run {
  const { clock } = context.ports;
  const duration = evaluateDuration(requiredValue(node, "duration"), clock, 0, longest);
  const given = optionalValue(node, "cacheResponse");
  const always = given === undefined ? undefined : evaluateBoolean(given, clock);
  return (exchange) => {
    if (exchange.cache instanceof CacheInvalidation) return invalidate(exchange, exchange.cache);
    const use = cacheUseOf(exchange);
    if (use === undefined || use.served) return undefined;
    const response = responseOf(exchange);
    const kept = always === undefined ? response.status === 200 : always(exchange);
    if (use.options.http || kept) store(exchange, use, response, duration(exchange), clock);
    return undefined;
  };
}
