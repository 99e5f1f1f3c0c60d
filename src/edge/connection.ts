import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { DenseSet, type Placed } from "#lib/dense-set.ts";
import type { GatewayError } from "#model/errors.ts";
import type { ClientCertificate, TlsFacts } from "#model/exchange.ts";
import type { CertificateEntry } from "./certificate-set.ts";
import { presentedCertificate } from "./client-certificate.ts";
import type { ClientIssuers } from "./client-issuers.ts";
import type { ClientTrust } from "./client-trust.ts";
import { parseHost } from "./host.ts";
import type { ListenerTrust } from "./listener-trust.ts";
import type { RevokedSet } from "./revoked-set.ts";
import type { Swept } from "./sweeper.ts";
import type { Trust } from "./trust.ts";

/** An exchange that lives on a connection and ends with it at the latest. */
export interface ActiveExchange extends Placed, Swept {
  connectionClosed(): void;
  /** The rest of its request body cannot be read. @returns false: there is none, or nobody waits for it */
  bodyBroken(error: GatewayError): boolean;
}

/** What is known of one client connection, worked out once and used by every request on it. */
export class Connection implements Swept {
  readonly socket: Socket;
  readonly scheme: "http" | "https";
  readonly peerAddress: string;
  /** Of the listener; 0: it is no port. */
  readonly localPort: number;
  readonly tls: TlsFacts | null;
  /** What its listener asks for; null for a clear one. */
  readonly clients: ListenerTrust | null;
  /** More than one when the client pipelines, or over HTTP/2. */
  readonly active: DenseSet<ActiveExchange> = new DenseSet();
  /** After a parse error or a refusal: nothing that comes on it is looked at any more. */
  broken = false;
  /** Exchanges it has had, over HTTP/1.1: a number, not the newest of them, which would outlive its end. */
  taken = 0;
  /** A refusal waits for its turn behind other answers, and ends the connection. */
  refusing = false;
  /** The request that came last is the last one that is looked at. */
  last = false;
  readonly #certificate: CertificateEntry | null;
  /** Under which the client's certificate was verified. */
  readonly #clientTrust: ClientTrust | null;
  #lapsed: TlsFacts | null = null;
  /** Of the revoked certificates that its own was looked for in. */
  #lookedAt = -1;
  #isRevoked = false;
  #authority = "";
  #host: string | null = null;
  #trust: Trust | null = null;
  #trusted = false;

  constructor(
    socket: Socket,
    peerAddress: string,
    tls: TlsFacts | null,
    certificate: CertificateEntry | null,
    clients: ListenerTrust | null,
    clientTrust: ClientTrust | null,
  ) {
    this.socket = socket;
    this.scheme = tls === null ? "http" : "https";
    this.peerAddress = peerAddress;
    this.localPort = socket.localPort ?? 0;
    this.tls = tls;
    this.#certificate = certificate;
    this.clients = clients;
    this.#clientTrust = clientTrust;
    socket.on("close", () => this.#closed());
  }

  /** Clients repeat the same authority on a connection: it is parsed when it changes. */
  hostOf(authority: string): string | null {
    if (authority !== this.#authority) {
      this.#authority = authority;
      this.#host = parseHost(authority);
    }
    return this.#host;
  }

  trustedBy(trust: Trust): boolean {
    if (trust !== this.#trust) {
      this.#trust = trust;
      this.#trusted = trust.trusts(this.peerAddress);
    }
    return this.#trusted;
  }

  /**
   * May requests for this host come on this connection? A client that named a server gets that server's names only:
   * connection reuse (RFC 9113 §9.1.1) must not carry a request past the certificate it was made under.
   */
  serves(host: string): boolean {
    const name = this.tls === null ? null : this.tls.serverName;
    return name === null || name === host || (this.#certificate !== null && this.#certificate.covers(host));
  }

  /**
   * The facts for a request that comes now: a certificate that has expired or was revoked since the handshake, or whose
   * authorities are no longer the trusted ones, is not believed any more.
   */
  tlsFor(revoked: RevokedSet, now: number): TlsFacts | null {
    const { tls } = this;
    if (tls === null || tls.certificate === null) return tls;
    const problem = this.#problemOf(tls.certificate, revoked, now);
    if (problem === null) return tls;
    this.#lapsed ??= { ...tls, certificate: null, certificateProblem: problem };
    return this.#lapsed;
  }

  #problemOf(certificate: ClientCertificate, revoked: RevokedSet, now: number): string | null {
    if (revoked.version !== this.#lookedAt) {
      this.#lookedAt = revoked.version;
      this.#isRevoked = revoked.has(certificate);
    }
    if (this.#isRevoked) return "CERT_REVOKED";
    if (this.clients?.trust !== this.#clientTrust) return "the trusted authorities have changed since the handshake";
    return now < certificate.notAfter ? null : "CERT_HAS_EXPIRED";
  }

  check(now: number, idleMs: number): void {
    this.active.visit((exchange) => exchange.check(now, idleMs));
  }

  #closed(): void {
    this.active.visit((exchange) => exchange.connectionClosed());
  }
}

/** @param trust see {@link presentedCertificate} */
export function tlsFactsOf(
  socket: TLSSocket,
  trust: ClientTrust | null,
  issuers: ClientIssuers,
  now: number,
): TlsFacts {
  const name = typeof socket.servername === "string" && socket.servername !== "" ? socket.servername : null;
  return {
    version: socket.getProtocol() ?? "",
    cipher: socket.getCipher().standardName,
    serverName: name === null ? null : name.toLowerCase(),
    ...presentedCertificate(socket, trust, issuers, now),
  };
}
