import type { Cache } from "#model/cache.ts";
import { GatewayError } from "#model/errors.ts";
import type { StepResult } from "#model/decision.ts";
import { clientScheme } from "#model/client-scheme.ts";
import type { Exchange } from "#model/exchange.ts";
import type { CacheInvalidation } from "./cache-use.ts";
import { siblingKey } from "./keys.ts";

/**
 * A change that succeeded makes what is stored of the resource wrong, and of those that the answer names on the same
 * host. Another host's would be an attack: an origin could empty its neighbours' cache.
 *
 * @see RFC 9111 §4.4
 */
export function invalidate(exchange: Exchange, { primary, cache }: CacheInvalidation): StepResult {
  const { response } = exchange;
  if (response === null || response.status < 200 || response.status >= 400) return undefined;
  const named = ["location", "content-location"].map((name) => response.headers.get(name));
  const keys = named.flatMap((target) => (target === undefined ? [] : keysOf(target, exchange, primary)));
  return removeAll([primary, ...keys], cache);
}

function keysOf(target: string, { facts }: Exchange, primary: string): readonly string[] {
  const here = `${clientScheme(facts)}://${facts.authority}`;
  const url = URL.parse(target, `${here}${facts.path}`);
  if (url === null || url.origin !== URL.parse(here)?.origin) return [];
  return [siblingKey(primary, url.pathname, url.search.slice(1))];
}

async function removeAll(keys: readonly string[], cache: Cache): Promise<undefined> {
  await Promise.all(keys.map((key) => cache.remove(key).catch(passOver)));
}

/** The resource has changed by now, and nothing is read from a cache that does not answer. */
function passOver(error: unknown): void {
  if (!(error instanceof GatewayError && error.code === "store-unavailable")) throw error;
}
