import type { CacheOwner } from "#threads/cache-owner.ts";
import type { ControlHandlers } from "#threads/control-calls.ts";
import type { WorkerCalls } from "./messages.ts";

type CacheCallNames = "cache.get" | "cache.put" | "cache.remove";

/** What workers ask of the cache's owner. */
export function cacheHandlers(owner: CacheOwner): ControlHandlers<Pick<WorkerCalls, CacheCallNames>> {
  return {
    "cache.get": (key) => owner.get(key),
    "cache.put": ({ key, entry }) => {
      owner.put(key, entry);
      return null;
    },
    "cache.remove": (key) => {
      owner.remove(key);
      return null;
    },
  };
}
