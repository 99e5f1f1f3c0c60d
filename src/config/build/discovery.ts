import type { Discovery } from "#model/discovery.ts";
import type { Problems } from "#notation/problems.ts";
import type { BackendInput } from "#config/table/backend.ts";

export function buildDiscovery({ discover }: BackendInput, problems: Problems): Discovery | null {
  if (discover === undefined) return null;
  const { type, name = "", scheme, port, path, resolver, refresh, stale } = discover.value;
  if (type === "srv" && port !== undefined) {
    problems.error("value-invalid", port.at, "an SRV record says the port itself", "leave out port");
  }
  return {
    type,
    name,
    scheme,
    port: port?.value ?? (scheme === "https" ? 443 : 80),
    basePath: path.replace(/\/+$/, ""),
    resolver: resolver ?? null,
    refreshMs: refresh,
    staleMs: stale,
  };
}
