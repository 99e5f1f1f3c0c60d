import { createPool } from "#wire/create-pool.ts";
import type { Target } from "#wire/dial.ts";
import type { PoolSettings } from "#wire/pool.ts";
import type { TransportPool } from "#wire/transport.ts";
import type { ProxyRoute } from "#wire/tunnel.ts";

/**
 * Makes pools of connections to the same target by way of proxies. In clear text a proxy speaks HTTP/1.1. Undefined for a
 * target on this machine, and for one that is told of clients before the proxy could be asked.
 */
export function throughProxyOf(
  target: Target,
  settings: PoolSettings,
): ((proxy: ProxyRoute) => TransportPool) | undefined {
  if (target.socketPath !== undefined || target.proxyProtocol !== undefined) return undefined;
  const protocol = target.tls === null ? "http/1.1" : (target.protocol ?? "http/1.1");
  return (proxy) => createPool({ ...target, protocol, proxy }, settings);
}
