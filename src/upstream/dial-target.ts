import type { LookupFunction } from "node:net";
import type { SecureContext } from "node:tls";
import type { Backend } from "#model/definition.ts";
import type { Target } from "#wire/dial.ts";
import type { Destination } from "./destination.ts";

/** Where connections of one target go, and how. */
export function dialTarget(
  { protocol, proxyProtocol, tls }: Backend,
  { host, port, socketPath }: Destination,
  tlsContext: SecureContext | null,
  lookup: LookupFunction | null,
): Target {
  const serverName = tls?.serverName ?? null;
  return {
    host,
    port,
    tls: tlsContext,
    lookup,
    protocol,
    ...(socketPath === undefined ? {} : { socketPath }),
    ...(serverName === null ? {} : { serverName }),
    ...(proxyProtocol === null ? {} : { proxyProtocol }),
  };
}
