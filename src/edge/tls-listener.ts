import type { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { createServer, type SecureContext, type Server, type TLSSocket } from "node:tls";
import { CertificateEntry, CertificateSet, clientAuthorities, secureOptions } from "./certificate-set.ts";
import { alpnChallengeProtocol } from "./challenge-answers.ts";
import { type ClientTrust, ticketKeysUnder } from "./client-trust.ts";
import { Connection, tlsFactsOf } from "./connection.ts";
import type { EdgeContext } from "./context.ts";
import type { CertificatesOnDemand, CertificateSource } from "./edge-types.ts";
import { ListenerTrust } from "./listener-trust.ts";
import { handshakeEnd } from "./handshake-failure.ts";
import type { Http1Protocol } from "./http1-protocol.ts";
import type { Http2Protocol } from "./http2-protocol.ts";
import { transportOf } from "./transport-of.ts";

type ContextCallback = (error: Error | null, context?: SecureContext) => void;

/** One port for HTTP/1.1 and HTTP/2. */
export class TlsListener {
  readonly server: Server;
  readonly #http1: Http1Protocol;
  readonly #http2: Http2Protocol;
  readonly #edge: EdgeContext;
  readonly #onDemand: CertificatesOnDemand | undefined;
  /** Got on demand; the next set of certificates has them. */
  readonly #learned = new Map<string, CertificateEntry>();
  /** Of handshakes with an authority that validates a name: the answer's certificate, for the callback that comes second. */
  readonly #answers = new WeakMap<TLSSocket, SecureContext>();
  /** Whose handshake is under way. */
  readonly #shaking = new WeakSet<TLSSocket>();
  /** Who asked for a name that there is no certificate for. */
  readonly #unserved = new WeakSet<TLSSocket>();
  /** What each handshake began under. */
  readonly #trustAtStart = new WeakMap<Socket, ClientTrust | null>();
  readonly #clients: ListenerTrust;
  #source: CertificateSource;
  #certificates: CertificateSet;
  #ticketKeys: Buffer | undefined;

  /** @param place where it listens, as `placeText` writes it */
  constructor(context: EdgeContext, http1: Http1Protocol, http2: Http2Protocol, place: string) {
    this.#http1 = http1;
    this.#http2 = http2;
    this.#edge = context;
    this.#clients = new ListenerTrust(place);
    this.#clients.renew(context.settings, context.internalRoots);
    this.#source = [];
    this.#onDemand = context.options.onDemand;
    this.#ticketKeys = context.options.ticketKeys;
    this.#certificates = new CertificateSet([], null);
    const selectProtocol = this.#protocol.bind(this);
    const selectContext = this.#context.bind(this);
    const watchHandshake = this.#watch.bind(this);
    this.server = createServer({
      // As it is for clear connections: after a switch of protocols a client may end its own direction alone.
      allowHalfOpen: true,
      noDelay: true,
      ...secureOptions,
      ALPNCallback(this: TLSSocket, { servername, protocols }) {
        watchHandshake(this);
        return selectProtocol(this, servername, protocols);
      },
      requestCert: this.#clients.settings !== null,
      // Who lacks one is refused request by request, in words.
      rejectUnauthorized: false,
      handshakeTimeout: context.settings.limits.headersTimeoutMs,
      SNICallback(this: TLSSocket, name, done) {
        watchHandshake(this);
        selectContext(this, name, done);
      },
    });
    this.#takeSecureConnections();
    this.server.on("OCSPRequest", (certificate, _issuer, done) => done(null, context.staples.find(certificate)));
    this.server.on("tlsClientError", (error, socket) => this.#failed(error, socket));
    this.setCertificates(context.options.certificates);
  }

  /**
   * Undefined ends the handshake with a fatal alert: no protocol in common, or a name that is not served. A client
   * that offers no protocol is let through here and cut off before its first request. An authority that validates a
   * name gets the pending answer: TLS 1.2 has chosen a certificate by now, TLS 1.3 will ask for one after this.
   *
   * @see RFC 8737 §3
   */
  #protocol(socket: TLSSocket, serverName: string, offered: readonly string[]): string | undefined {
    const answer = this.#edge.challenges.alpn(serverName, offered);
    if (answer !== undefined) {
      this.#answers.set(socket, answer);
      socket.setKeyCert(answer);
      return alpnChallengeProtocol;
    }
    const isServed = serverName === "" || this.#find(serverName) !== undefined || this.#onDemand?.enabled() === true;
    if (!isServed) {
      this.#unserved.add(socket);
      return undefined;
    }
    return ["h2", "http/1.1"].find((protocol) => offered.includes(protocol));
  }

  #failed(error: Error, socket: TLSSocket): void {
    const transport = transportOf(socket);
    const end = this.#unserved.has(socket) ? "tls-name-unknown" : handshakeEnd(error, transport.bytesRead);
    if (end !== null) this.#edge.ended.note(end, this.#edge.peerOf(transport));
    socket.destroy();
  }

  /** A client that is gone before it is done would be waited for until the handshake's time is over: half-open is allowed. */
  #watch(socket: TLSSocket): void {
    if (this.#shaking.has(socket)) return;
    this.#shaking.add(socket);
    socket.once("end", () => {
      if (this.#shaking.has(socket)) socket.destroy();
    });
  }

  #context(socket: TLSSocket, serverName: string, done: ContextCallback): void {
    const found = this.#answers.get(socket) ?? this.#find(serverName)?.context;
    if (found !== undefined || serverName === "" || this.#onDemand?.enabled() !== true) return done(null, found);
    void this.#learn(serverName.toLowerCase(), this.#onDemand, done);
    return undefined;
  }

  #find(serverName: string): CertificateEntry | undefined {
    return this.#certificates.find(serverName) ?? this.#learned.get(serverName.toLowerCase());
  }

  /** Never rejects: a certificate that cannot be had ends the handshake. */
  async #learn(name: string, onDemand: CertificatesOnDemand, done: ContextCallback): Promise<void> {
    const certificate = await onDemand.obtain(name).catch(() => null);
    if (certificate === null) return done(new Error("there is no certificate for this name"));
    const entry = new CertificateEntry(certificate, this.#clients.trust);
    this.#learned.set(name, entry);
    return done(null, entry.context);
  }

  #takeSecureConnections(): void {
    this.server.on("secureConnection", (socket: TLSSocket) => {
      this.#shaking.delete(socket);
      // The handshake was all there is to see; in TLS 1.2 its last message is still to be sent.
      if (this.#answers.has(socket)) return socket.destroySoon();
      const connection = this.#connectionOf(socket);
      if (connection === null) {
        this.#edge.ended.note("tls-name-unknown", this.#edge.peerOf(transportOf(socket)));
        socket.destroy();
      } else if (socket.alpnProtocol === "h2") this.#http2.adopt(connection);
      else this.#http1.adopt(connection);
      return undefined;
    });
  }

  /** Null for a server name without a certificate: whatever the client made of the fallback, it is not served. */
  #connectionOf(socket: TLSSocket): Connection | null {
    const trust = this.#trustOver(socket);
    const facts = tlsFactsOf(socket, trust, this.#edge.clientIssuers, this.#edge.options.clock.now());
    const peer = this.#edge.peerOf(transportOf(socket));
    if (facts.serverName === null) return new Connection(socket, peer, facts, null, this.#clients, trust);
    const certificate = this.#find(facts.serverName);
    return certificate === undefined ? null : new Connection(socket, peer, facts, certificate, this.#clients, trust);
  }

  /** A connection has come; its handshake begins. */
  admitted(transport: Socket): void {
    this.#trustAtStart.set(transport, this.#clients.trust);
  }

  /** Null when it changed during the handshake: nobody can tell which of the two has verified. */
  #trustOver(socket: TLSSocket): ClientTrust | null {
    return this.#trustAtStart.get(transportOf(socket)) === this.#clients.trust ? this.#clients.trust : null;
  }

  /** Takes up other trusted authorities, if there are: new handshakes run under them. */
  renewTrust(): void {
    const isOther = this.#clients.renew(this.#edge.settings, this.#edge.internalRoots);
    // Node reads it anew for each handshake.
    Object.assign(this.server, { requestCert: this.#clients.settings !== null });
    if (!isOther) return;
    this.#edge.clientIssuers.forget();
    this.setCertificates(this.#source);
  }

  /** New handshakes use the new certificates at once; open connections keep theirs. */
  setCertificates(certificates: CertificateSource): void {
    const next = new CertificateSet(certificates, this.#clients.trust);
    this.#source = certificates;
    this.#certificates = next;
    this.#learned.clear();
    const fallback = next.fallback === undefined ? {} : { cert: next.fallback.certPem, key: next.fallback.keyPem };
    this.server.setSecureContext({ ...secureOptions, ...clientAuthorities(this.#clients.trust), ...fallback });
    this.#useTicketKeys();
  }

  setTicketKeys(keys: Buffer): void {
    this.#ticketKeys = keys;
    this.#useTicketKeys();
  }

  #useTicketKeys(): void {
    if (this.#ticketKeys !== undefined)
      this.server.setTicketKeys(ticketKeysUnder(this.#clients.trust, this.#ticketKeys));
  }
}
