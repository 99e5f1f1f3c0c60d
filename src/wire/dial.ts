import {
  connect as connectTcp,
  type IpcNetConnectOpts,
  isIP,
  type LookupFunction,
  type NetConnectOpts,
  type OnReadOpts,
  type Socket,
  type TcpNetConnectOpts,
} from "node:net";
import { checkServerIdentity, connect as connectTls, type ConnectionOptions, type SecureContext } from "node:tls";
import type { UpstreamProtocol } from "#model/definition.ts";
import { type ProxyRoute, Tunnel } from "./tunnel.ts";
import { proxyHeader, type ProxyVersion } from "./proxy-header.ts";

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
  /** A Unix socket instead of host and port. */
  readonly socketPath?: string;
  /** In SNI, and what the certificate must be for, instead of `host`. */
  readonly serverName?: string;
  /** Each connection is made for one client, and says so first. */
  readonly proxyProtocol?: ProxyVersion;
  /** By way of a forward proxy, over which TLS goes in a tunnel. It looks up `host` by itself. */
  readonly proxy?: ProxyRoute;
}

/** RFC 8305 attempt delay. */
const familyAttemptMs = 300;
const keepAliveProbeMs = 60_000;

/**
 * One read buffer for all connections of a thread. A buffer a read would be the largest part of a short exchange's garbage.
 * Reads are delivered one at a time and nothing in a reader can cause the next, so sharing is safe: of TLS that holds as long
 * as a reader writes nothing empty, by which a TLS socket looks for what it has left to deliver.
 */
export const readBuffer: Buffer = Buffer.allocUnsafeSlow(64 * 1024);

/** Takes what was read. `shared`: the memory is used again after the call, so what is kept must be copied. */
export type Reader = (bytes: Buffer, shared: boolean) => void;

export interface DialOptions {
  /** A TLS session to resume. */
  readonly session: Buffer | null;
  /** Offered by ALPN, the most wanted one first. */
  readonly protocols: readonly string[];
  /** null: the socket's new owner reads by its own means. */
  readonly read: Reader | null;
  /** Address of the client that it is made for, where the target wants to know. */
  readonly client: string;
}

/** Starts a connection. The socket is ready at {@link readyEvent}. */
export function dial(target: Target, options: DialOptions): Socket {
  return target.tls === null ? dialClear(target, options) : dialTls(target, target.tls, options);
}

function dialClear(target: Target, { read, client }: DialOptions): Socket {
  return connectPlain(target, client, read === null ? {} : intoReadBuffer(read));
}

function intoReadBuffer(read: Reader): { readonly onread: OnReadOpts } {
  const callback = (count: number): boolean => {
    read(readBuffer.subarray(0, count), true);
    return true;
  };
  return { onread: { buffer: readBuffer, callback } };
}

function dialTls(target: Target, secureContext: SecureContext, options: DialOptions): Socket {
  const { session, protocols, read, client } = options;
  const name = target.serverName ?? target.host;
  const carrier = carrierOf(target, client, read !== null);
  // Over a socket of its own it has no such option.
  const isOver = carrier.socket !== undefined;
  const socket = connectTls({
    // Before the handshake the header must have gone out in clear text.
    ...carrier,
    ...(read === null || isOver ? {} : intoReadBuffer(read)),
    secureContext,
    ALPNProtocols: protocols.slice(),
    rejectUnauthorized: true,
    // RFC 6066 §3: no literal addresses in SNI; the certificate is then checked against the address.
    ...(isIP(name) === 0 ? { servername: name } : {}),
    ...(session === null ? {} : { session }),
    checkServerIdentity: (_host, certificate) => checkServerIdentity(name, certificate),
  });
  if (read !== null && isOver) socket.on("data", (bytes: Buffer) => read(bytes, false));
  return socket;
}

/** What TLS goes over. */
function carrierOf(target: Target, client: string, allowHalfOpen: boolean): ConnectionOptions {
  const { host, port, proxy } = target;
  if (proxy !== undefined) {
    const authority = `${host.includes(":") ? `[${host}]` : host}:${port}`;
    return { socket: new Tunnel(connectTcp(tcpOptions(target, false) as NetConnectOpts), authority, proxy) };
  }
  if (target.proxyProtocol !== undefined) return { socket: connectPlain(target, client, {}) };
  return tcpOptions(target, allowHalfOpen);
}

function connectPlain(target: Target, client: string, reading: Partial<NetConnectOpts>): Socket {
  const socket = connectTcp({ ...tcpOptions(target, "onread" in reading), ...reading } as NetConnectOpts);
  const { proxyProtocol } = target;
  if (proxyProtocol !== undefined) {
    socket.once("connect", () => {
      const { remoteAddress: address = "0.0.0.0", remotePort: port = 0 } = socket;
      socket.write(proxyHeader(proxyProtocol, client, { address, port }));
    });
  }
  return socket;
}

/**
 * @param allowHalfOpen a switched connection may end one way and go on the other; all others are closed when the peer
 *   ends. An HTTP/2 session does not look after the half that is left.
 */
function tcpOptions(target: Target, allowHalfOpen: boolean): TcpNetConnectOpts | IpcNetConnectOpts {
  if (target.socketPath !== undefined) return { path: target.socketPath, allowHalfOpen } as IpcNetConnectOpts;
  const { host, port, lookup } = target.proxy ?? target;
  return {
    allowHalfOpen,
    host,
    port,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: keepAliveProbeMs,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: familyAttemptMs,
    ...(lookup === null ? {} : { lookup }),
  };
}

export function readyEvent(target: Target): "connect" | "secureConnect" {
  return target.tls === null ? "connect" : "secureConnect";
}

/** `address:port` at the other end, or the path of the Unix socket. */
export function addressOf({ remoteAddress, remotePort, remoteFamily }: Socket, target: Target): string {
  if (target.socketPath !== undefined) return `unix:${target.socketPath}`;
  // What the proxy has dialled is its own knowledge.
  if (target.proxy !== undefined) return `${target.proxy.host}:${target.proxy.port}`;
  return remoteFamily === "IPv6" ? `[${remoteAddress}]:${remotePort}` : `${remoteAddress}:${remotePort}`;
}
