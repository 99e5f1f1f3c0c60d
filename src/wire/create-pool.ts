import { AutoPool } from "./auto-pool.ts";
import type { Target } from "./dial.ts";
import { Http2Pool } from "./http2-pool.ts";
import { Pool, type PoolSettings } from "./pool.ts";
import type { TransportPool } from "./transport.ts";

/** Over clear text `auto` is HTTP/1.1, and `h2` and `h2c` are HTTP/2 by prior knowledge. */
export function createPool(target: Target, settings: PoolSettings): TransportPool {
  const { protocol, tls, proxyProtocol } = target;
  if (protocol === "h2" || protocol === "h2c") return new Http2Pool(target, settings, null);
  // A session is shared by all clients, and a connection that names one is not.
  if (protocol === "auto" && tls !== null && proxyProtocol === undefined) return new AutoPool(target, settings);
  return new Pool(target, settings);
}
