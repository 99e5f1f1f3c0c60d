import type { UpstreamProtocol } from "#model/definition.ts";
import type { HttpVersion } from "#model/exchange.ts";
import type { OwnCertificate } from "#model/own-certificate.ts";
import { createPool } from "#wire/create-pool.ts";
import type { Target } from "#wire/dial.ts";
import type { PoolSettings } from "#wire/pool.ts";
import type { TransportPool } from "#wire/transport.ts";
import type { ProxyRoute } from "#wire/tunnel.ts";
import type { TlsContexts } from "./tls-contexts.ts";

/** How a request goes to its target, where not as the backend says. */
export interface Way {
  readonly proxy: ProxyRoute | null;
  /** To show instead of the backend's own. */
  readonly certificate: OwnCertificate | null;
  readonly version: HttpVersion | null;
}

/** Makes a pool of connections that go such a way, and no other; null: there is none. */
export type MakeWayPool = (way: Way) => TransportPool | null;

/**
 * Connections to the same target by other ways. In clear text a proxy speaks HTTP/1.1, and no certificate can be shown;
 * a target on this machine, and one that is told of clients before the proxy could be asked, are reached through none.
 * One that each connection tells of its client speaks no HTTP/2.
 * @param contexts of TLS; null: the target is reached in clear text
 */
export function wayPools(target: Target, settings: PoolSettings, contexts: TlsContexts | null): MakeWayPool {
  const clear = target.tls === null;
  const takesProxy = target.socketPath === undefined && target.proxyProtocol === undefined;
  return ({ proxy, certificate, version }) => {
    if ((proxy !== null && !takesProxy) || (certificate !== null && contexts === null)) return null;
    if (version === "2" && (target.proxyProtocol !== undefined || (clear && proxy !== null))) return null;
    const spoken = version === null ? target.protocol : protocolOf(version, clear);
    const protocol = clear && proxy !== null ? "http/1.1" : (spoken ?? "http/1.1");
    const tls = certificate === null ? target.tls : (contexts?.showing(certificate) ?? null);
    return createPool({ ...target, tls, protocol, ...(proxy === null ? {} : { proxy }) }, settings);
  };
}

/** That way is the target's own. */
export function isOwnWay({ proxy, certificate, version }: Way, { protocol = "http/1.1", tls }: Target): boolean {
  if (proxy !== null || certificate !== null) return false;
  return version === null || protocolOf(version, tls === null) === protocol;
}

/** In clear text nobody is asked what they speak: `2` is prior knowledge, and with a choice it is HTTP/1.1. RFC 9113 §3.3 */
function protocolOf(version: HttpVersion, clear: boolean): UpstreamProtocol {
  if (version === "2") return clear ? "h2c" : "h2";
  return version === "1" || clear ? "http/1.1" : "auto";
}
