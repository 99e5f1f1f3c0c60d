import type { Backend } from "#model/definition.ts";
import type { Problems } from "#notation/problems.ts";
import type { Resources } from "#config/resources.ts";
import type { Named } from "#config/shapes/record.ts";
import type { BackendInput } from "#config/table/backend.ts";

export function buildBackends(
  backends: readonly Named<BackendInput>[],
  resources: Resources,
  problems: Problems,
): readonly Backend[] {
  return backends.map((backend) => buildBackend(backend, resources, problems));
}

function buildBackend({ name, at, value }: Named<BackendInput>, resources: Resources, problems: Problems): Backend {
  const urls = chooseUrls({ name, at, value }, problems);
  const secure = urls.some((url) => url.startsWith("https:"));
  if (value.ca !== undefined && urls.length > 0 && !secure) {
    problems.warn("setting-unused", value.ca.at, `no URL of ${name} is https, so ca has no effect`, "leave out ca");
  }
  return {
    name,
    urls,
    connectTimeoutMs: value.connectTimeout,
    idleTimeoutMs: value.idleTimeout,
    maxConnections: value.maxConnections,
    maxWaiting: value.maxWaiting,
    host: value.host ?? (secure ? "upstream" : "preserve"),
    ca: value.ca === undefined ? null : (resources.certificates.get(value.ca.value) ?? null),
    health: buildHealth(value),
    at,
  };
}

function buildHealth({ health }: BackendInput): Backend["health"] {
  if (health?.path === undefined) return null;
  return { path: health.path, intervalMs: health.interval, timeoutMs: health.timeout };
}

function chooseUrls({ name, at, value: { url, urls } }: Named<BackendInput>, problems: Problems): readonly string[] {
  if (url !== undefined && urls !== undefined) {
    problems.error("value-invalid", urls.at, `the backend ${name} has both url and urls`, "keep one of them");
  }
  if (url === undefined && urls === undefined) {
    problems.error("key-missing", at, `the backend ${name} lacks its URL`, "write url: http(s)://host[:port][/base]");
  }
  return url === undefined ? (urls?.value ?? []) : [url.value];
}
