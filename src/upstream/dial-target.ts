import { realpathSync } from "node:fs";
import type { LookupFunction } from "node:net";
import { basename, resolve } from "node:path";
import type { SecureContext } from "node:tls";
import type { Backend } from "#model/definition.ts";
import { GatewayError } from "#model/errors.ts";
import type { Target } from "#wire/dial.ts";
import type { Destination } from "./destination.ts";

/** Where connections of one target go, and how. @throws GatewayError `egress-refused` for the socket of the admin API */
export function dialTarget(
  { protocol, proxyProtocol, tls }: Backend,
  { host, port, secure, socketPath }: Destination,
  secureContext: SecureContext | null,
  lookup: LookupFunction | null,
): Target {
  if (socketPath !== undefined) checkSocket(socketPath);
  const serverName = tls?.serverName ?? null;
  return {
    host,
    port,
    tls: secure ? secureContext : null,
    lookup,
    protocol,
    ...(socketPath === undefined ? {} : { socketPath }),
    ...(serverName === null ? {} : { serverName }),
    ...(proxyProtocol === null ? {} : { proxyProtocol }),
  };
}

/** The socket of the admin API knows its callers by the user that they run as, and this process is that user. */
function checkSocket(path: string): void {
  if (basename(realPathOf(path)) !== "admin.sock") return;
  throw new GatewayError("egress-refused", 502, "the destination is refused: it is the admin API");
}

function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // It may come later.
    return resolve(path);
  }
}
