import { connect as connectTcp, isIP, type LookupFunction, type Socket } from "node:net";
import { connect as connectTls, type SecureContext } from "node:tls";
import type { UpstreamProtocol } from "#model/definition.ts";

/** Where a connection goes. All connections of a pool go to one target. */
export interface Target {
  /** Name or address, without brackets. */
  readonly host: string;
  readonly port: number;
  /** null: clear text. The certificate is always verified, against `host`. */
  readonly tls: SecureContext | null;
  /** Resolves the name at dial time; may refuse. Not asked for literal addresses. */
  readonly lookup: LookupFunction | null;
  /** Default `http/1.1`. */
  readonly protocol?: UpstreamProtocol;
}

/** RFC 8305 attempt delay. */
const familyAttemptMs = 300;
const keepAliveProbeMs = 60_000;

/**
 * One read buffer for all clear connections of a thread. A buffer a read would be the largest part of a short
 * exchange's garbage. Reads are delivered one at a time and nothing in a reader can cause the next, so sharing is
 * safe; TLS gives no such promise, and gets fresh buffers.
 */
const readBuffer = Buffer.allocUnsafeSlow(64 * 1024);

/** Takes what was read. `shared`: the memory is used again after the call, so what is kept must be copied. */
export type Reader = (bytes: Buffer, shared: boolean) => void;

export interface DialOptions {
  /** A TLS session to resume. */
  readonly session: Buffer | null;
  /** Offered by ALPN, the most wanted one first. */
  readonly protocols: readonly string[];
  /** null: the socket's new owner reads by its own means. */
  readonly read: Reader | null;
}

/** Starts a connection. The socket is ready at {@link readyEvent}. */
export function dial(target: Target, { session, protocols, read }: DialOptions): Socket {
  const options = {
    host: target.host,
    port: target.port,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: keepAliveProbeMs,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: familyAttemptMs,
    ...(target.lookup === null ? {} : { lookup: target.lookup }),
  };
  if (target.tls === null) {
    if (read === null) return connectTcp(options);
    const callback = (count: number): boolean => {
      read(readBuffer.subarray(0, count), true);
      return true;
    };
    return connectTcp({ ...options, onread: { buffer: readBuffer, callback } });
  }
  const socket = connectTls({
    ...options,
    secureContext: target.tls,
    ALPNProtocols: protocols.slice(),
    rejectUnauthorized: true,
    // RFC 6066 §3: no literal addresses in SNI; the certificate is then checked against the address.
    ...(isIP(target.host) === 0 ? { servername: target.host } : {}),
    ...(session === null ? {} : { session }),
  });
  if (read !== null) socket.on("data", (bytes: Buffer) => read(bytes, false));
  return socket;
}

export function readyEvent(target: Target): "connect" | "secureConnect" {
  return target.tls === null ? "connect" : "secureConnect";
}

/** `address:port` at the other end. */
export function addressOf({ remoteAddress, remotePort, remoteFamily }: Socket): string {
  return remoteFamily === "IPv6" ? `[${remoteAddress}]:${remotePort}` : `${remoteAddress}:${remotePort}`;
}
