import type { Buffer } from "node:buffer";
import { createServer, type Server, type Socket } from "node:net";
import type { EdgeSettings, ListenerKind, ListenPlace } from "#model/definition.ts";
import type { ClientCertificate } from "#model/exchange.ts";
import { firstPort, placeText, unixPeer } from "#model/listen-place.ts";
import { bind } from "./bind.ts";
import { Connection } from "./connection.ts";
import { EdgeContext } from "./context.ts";
import type {
  BoundAddresses,
  CertificateSource,
  Edge,
  EdgeOptions,
  EdgeStats,
  PendingChallenges,
  StapleNews,
} from "./edge-types.ts";
import { Http1Protocol } from "./http1-protocol.ts";
import { Http2Protocol } from "./http2-protocol.ts";
import { answeringLists } from "./list-place.ts";
import { ProxyDoor } from "./proxy-door.ts";
import type { ProxiedPeer } from "./proxy-header.ts";
import { answeringChallenges, createRedirect } from "./redirect.ts";
import { SocketRegister } from "./socket-register.ts";
import { TlsListener } from "./tls-listener.ts";

const overUnixSocket: ProxiedPeer = { address: unixPeer };

/** `goOn` hands the connection to the server. */
type Admitted = (socket: Socket, goOn: () => void) => void;

/** Makes the listeners of one worker. Nothing is bound before {@link Edge.listen}. */
export function createEdge(options: EdgeOptions): Edge {
  return new Listeners(options);
}

class Listeners implements Edge {
  readonly #context: EdgeContext;
  readonly #sockets: SocketRegister;
  readonly #proxies: ProxyDoor;
  readonly #http1: readonly Http1Protocol[];
  readonly #http2: Http2Protocol;
  readonly #secure: TlsListener[] = [];
  readonly #clear: Server[] = [];
  #bound: BoundAddresses = { https: [], http: [] };

  constructor(options: EdgeOptions) {
    this.#context = new EdgeContext(options);
    this.#sockets = new SocketRegister(() => this.#context.settings.limits.connections);
    this.#proxies = new ProxyDoor(this.#context);
    this.#http2 = new Http2Protocol(this.#context);
    const { https, http, tls } = options.settings;
    const http1 = new Http1Protocol(this.#context, null);
    const { challenges } = this.#context;
    const redirect = createRedirect(() => this.#httpsPort());
    const lists = options.findList === undefined ? redirect : answeringLists(options.findList, redirect);
    const clear = tls === "off" ? http1 : new Http1Protocol(this.#context, answeringChallenges(challenges, lists));
    this.#http1 = [http1, clear];
    if (tls !== "off") for (const place of https) this.#addSecure(http1, place);
    for (const place of http) this.#addClear(clear, place);
  }

  #addSecure(http1: Http1Protocol, place: ListenPlace): void {
    const listener = new TlsListener(this.#context, http1, this.#http2, placeText(place));
    this.#register(listener.server, "https", place, (socket, goOn) => {
      listener.admitted(socket);
      goOn();
    });
    this.#secure.push(listener);
  }

  #addClear(http1: Http1Protocol, place: ListenPlace): void {
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    this.#register(server, "http", place, (socket) => {
      http1.adopt(new Connection(socket, this.#context.peerOf(socket), null, null, null, null));
    });
    this.#clear.push(server);
  }

  /** Before the server's own listener, so that a connection over the limit costs no handshake. */
  #register(server: Server, kind: ListenerKind, place: ListenPlace, admitted: Admitted): void {
    const listeners = server.listeners("connection");
    server.removeAllListeners("connection");
    server.on("connection", (socket: Socket) => {
      if ("path" in place) this.#context.peers.set(socket, overUnixSocket);
      // Read now: of one that has gone the system does not say it any more, and the runtime keeps what it has said.
      const peer = this.#context.peerOf(socket);
      if (!this.#sockets.admit(socket)) return this.#context.ended.note("too-many-connections", peer);
      this.#proxies.named(socket, kind, () => {
        admitted(socket, () => {
          for (const listener of listeners) listener.call(server, socket);
        });
      });
    });
  }

  async listen(): Promise<BoundAddresses> {
    const { settings, reusePort = false } = this.#context.options;
    const https: ListenPlace[] = [];
    for (const [at, { server }] of this.#secure.entries()) {
      https.push(await bind(server, settings.https[at] as ListenPlace, reusePort));
    }
    const http: ListenPlace[] = [];
    for (const [at, server] of this.#clear.entries()) {
      http.push(await bind(server, settings.http[at] as ListenPlace, reusePort));
    }
    this.#bound = { https, http };
    return this.#bound;
  }

  #httpsPort(): number {
    return this.#context.settings.advertisedPorts.https ?? firstPort(this.#bound.https) ?? 443;
  }

  update(settings: EdgeSettings): void {
    this.#context.update(settings);
    for (const listener of this.#secure) listener.renewTrust();
  }

  setCertificates(certificates: CertificateSource): void {
    for (const listener of this.#secure) listener.setCertificates(certificates);
  }

  setInternalRoots(roots: string): void {
    this.#context.internalRoots = roots;
    for (const listener of this.#secure) listener.renewTrust();
  }

  setChallenges(challenges: PendingChallenges): void {
    this.#context.challenges.set(challenges);
  }

  setStaple(news: StapleNews): void {
    this.#context.staples.set(news);
  }

  setRevoked(keys: readonly string[]): void {
    this.#context.revoked.replace(keys);
  }

  isRevoked(certificate: ClientCertificate): boolean {
    return this.#context.revoked.has(certificate);
  }

  setTicketKeys(keys: Buffer): void {
    for (const listener of this.#secure) listener.setTicketKeys(keys);
  }

  async drain(deadlineMs: number): Promise<void> {
    this.#context.draining = true;
    for (const server of this.#servers()) server.close();
    this.#http2.close();
    for (const protocol of this.#http1) protocol.closeIdle();
    await this.#sockets.emptied(deadlineMs, () => (this.#context.cutting = true));
    this.#context.ended.flush();
    this.#context.sweeper.stop();
  }

  stats(): EdgeStats {
    return { connections: this.#sockets.size, inFlight: this.#context.inFlight };
  }

  #servers(): Server[] {
    return [...this.#secure.map(({ server }) => server), ...this.#clear];
  }
}
