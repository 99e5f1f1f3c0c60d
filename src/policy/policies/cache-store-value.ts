import type { PolicyNode } from "#model/policy-tree.ts";
import { requiredValue } from "#policy/arguments.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { evaluateDuration } from "#policy/duration.ts";
import { cacheFor } from "#policy/http-cache/caching-type.ts";
import { valueKey } from "#policy/http-cache/keys.ts";
import { encodeValue } from "#policy/value-codec.ts";
import { evaluateAny, evaluateString } from "#policy/values.ts";

const none = new Uint8Array();
/** 2³¹ − 1 seconds, which documents write for ever. */
const longest = 2_147_483_647_000;

/** The request does not wait for the cache, as in API Management. */
export function link(node: PolicyNode, context: LinkContext): Run {
  const { clock } = context.ports;
  const cacheNow = cacheFor(node, context.ports);
  const key = evaluateString(requiredValue(node, "key"), clock);
  const value = evaluateAny(requiredValue(node, "value"), clock);
  const duration = evaluateDuration(requiredValue(node, "duration"), clock, 1, longest);
  return (exchange) => {
    const cache = cacheNow();
    const meta = encodeValue(value(exchange));
    const expiresAt = clock.now() + duration(exchange);
    if (meta.length <= cache.maxEntryBytes) {
      void cache.put(valueKey(key(exchange)), { meta, body: none, expiresAt });
    }
    return undefined;
  };
}
