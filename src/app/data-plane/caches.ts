import { randomInt } from "node:crypto";
import type { Snapshot } from "#model/snapshot.ts";
import { CacheClient } from "#threads/cache-client.ts";
import { CurrentExternalCache } from "#upstream/external-cache/current-cache.ts";
import { CacheProblems } from "#upstream/external-cache/problems.ts";
import { connectRedis } from "#upstream/external-cache/redis.ts";
import type { Tools } from "./tools.ts";

/** What policies keep: in the gateway's own memory, and in a cache beside it. */
export interface Caches {
  readonly own: CacheClient;
  readonly external: CurrentExternalCache;
  readonly problems: CacheProblems;
  use(next: Snapshot): void;
}

export function createCaches({ start, control, clock, log }: Tools, { cache }: Snapshot): Caches {
  const own = new CacheClient({
    versions: start.shared.cacheVersions,
    calls: {
      get: (key) => control.call("cache.get", key),
      put: (key, entry) => control.call("cache.put", { key, entry }).then(() => undefined),
      remove: (key) => control.call("cache.remove", key).then(() => undefined),
    },
    maxEntryBytes: cache.entryBytes,
    maxBytes: cache.bytes,
    now: () => clock.now(),
  });
  const problems = new CacheProblems(log, clock);
  const external = new CurrentExternalCache({
    connect: connectRedis,
    clock,
    problems,
    random: () => randomInt(2 ** 32) / 2 ** 32,
  });
  external.use(cache.external ?? null, cache.entryBytes);
  return {
    own,
    external,
    problems,
    use: (next) => {
      own.resize(next.cache.entryBytes, next.cache.bytes);
      external.use(next.cache.external ?? null, next.cache.entryBytes);
    },
  };
}
