import type { Cache } from "#model/cache.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import { literalText } from "#policy/arguments.ts";
import type { PolicyPorts } from "#policy/context.ts";

/** Which cache a policy means, asked with each request: a reload may bring another. Without an external one: memory. */
export function cacheFor(node: PolicyNode, { cache, externalCache }: PolicyPorts): () => Cache {
  if (externalCache === undefined || literalText(node, "cachingType") === "internal") return () => cache;
  return () => externalCache() ?? cache;
}
