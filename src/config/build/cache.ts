import type { CacheSettings } from "#model/definition.ts";
import type { ExternalCacheSettings } from "#model/external-cache.ts";
import type { ArgumentUse } from "#notation/policies/policy-reading.ts";
import type { Problems } from "#notation/problems.ts";
import { isLoopback } from "#config/checks/urls.ts";
import type { Resources } from "#config/resources.ts";
import type { Located } from "#config/shapes/shape.ts";
import type { CacheInput, ExternalCacheInput } from "#config/table/cache.ts";
import { markedOf } from "./marked.ts";

export function buildCache(cache: CacheInput, resources: Resources, problems: Problems): CacheSettings {
  const external = cache.external === undefined ? undefined : buildExternal(cache.external, resources, problems);
  return {
    bytes: cache.size,
    entryBytes: cache.entrySize,
    ...(external === undefined ? {} : { external }),
  };
}

function buildExternal(
  { at, value: { url: text = "", username, password, prefix, timeout, ca } }: Located<ExternalCacheInput>,
  { secrets, certificates }: Resources,
  problems: Problems,
): ExternalCacheSettings | undefined {
  const url = URL.parse(text);
  // What cannot be read has been reported.
  if (url === null) return undefined;
  const tls = url.protocol === "rediss:";
  // Of such a URL the parser keeps the host as it was written.
  const host = url.hostname.toLowerCase();
  if (!tls && !isLoopback(host)) {
    const message = "what is asked of the cache without TLS can be read, and answered, by anybody on the way";
    problems.warn("cache-plain", at, message, "write rediss://");
  }
  if (!tls && ca !== undefined) {
    problems.warn("setting-unused", ca.at, "the URL of the cache is not rediss, so ca has no effect", "leave out ca");
  }
  if (username !== undefined && password === undefined) {
    problems.error("key-missing", at, "the cache has a username and no password", "add password: { env: NAME }");
  }
  return {
    host: host.replace(/^\[(.*)\]$/, "$1"),
    port: url.port === "" ? 6379 : Number(url.port),
    database: Number(url.pathname.slice(1)),
    tls,
    ca: ca === undefined ? null : (certificates.get(ca.value) ?? null),
    username: username ?? null,
    password: markedOf(password, { secrets }) ?? null,
    prefix,
    timeoutMs: timeout,
  };
}

/** A policy that asks for an external cache where there is none. */
export function checkCachingTypes({ external }: CacheInput, uses: readonly ArgumentUse[], problems: Problems): void {
  if (external !== undefined) return;
  for (const { policy, argument, value, at } of uses) {
    if (argument !== "cachingType" || value.kind !== "literal" || value.value !== "external") continue;
    const message = `${policy}: there is no external cache: it is kept in the memory of this gateway, and lost with it`;
    problems.warn("policy-caution", at, message, "define cache.external, or write internal");
  }
}
