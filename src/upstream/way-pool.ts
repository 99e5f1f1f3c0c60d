import type { OwnCertificate } from "#model/own-certificate.ts";
import { createPool } from "#wire/create-pool.ts";
import type { Target } from "#wire/dial.ts";
import type { PoolSettings } from "#wire/pool.ts";
import type { TransportPool } from "#wire/transport.ts";
import type { ProxyRoute } from "#wire/tunnel.ts";
import type { TlsContexts } from "./tls-contexts.ts";

/** Makes a pool of connections that go by way of a proxy, or show a certificate of their own; null: there is no such way. */
export type MakeWayPool = (proxy: ProxyRoute | null, certificate: OwnCertificate | null) => TransportPool | null;

/**
 * Connections to the same target by other ways. In clear text a proxy speaks HTTP/1.1, and no certificate can be shown;
 * a target on this machine, and one that is told of clients before the proxy could be asked, are reached through none.
 * @param contexts of TLS; null: the target is reached in clear text
 */
export function wayPools(target: Target, settings: PoolSettings, contexts: TlsContexts | null): MakeWayPool {
  const takesProxy = target.socketPath === undefined && target.proxyProtocol === undefined;
  const proxied = target.tls === null ? "http/1.1" : (target.protocol ?? "http/1.1");
  return (proxy, certificate) => {
    if ((proxy !== null && !takesProxy) || (certificate !== null && contexts === null)) return null;
    const tls = certificate === null ? target.tls : (contexts?.showing(certificate) ?? null);
    return createPool({ ...target, tls, ...(proxy === null ? {} : { protocol: proxied, proxy }) }, settings);
  };
}
