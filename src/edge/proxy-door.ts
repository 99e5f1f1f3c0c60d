import type { Socket } from "node:net";
import type { ListenerKind } from "#model/definition.ts";
import type { EdgeContext } from "./context.ts";
import { takeProxyHeader } from "./proxy-intake.ts";

/** A port that strangers knock at must not fill the log. */
const logEveryMs = 1000;

/** Stands before the listeners that proxies speak the PROXY protocol to: nobody else gets in there. */
export class ProxyDoor {
  readonly #context: EdgeContext;
  #loggedAt = Number.NEGATIVE_INFINITY;
  #unlogged = 0;

  constructor(context: EdgeContext) {
    this.#context = context;
  }

  /** Goes on at once where the protocol is not spoken; else when a trusted proxy has said who the client is. */
  named(socket: Socket, kind: ListenerKind, goOn: () => void): void {
    const { settings, trust } = this.#context;
    if (!settings.proxyProtocol.includes(kind)) return goOn();
    const peer = this.#context.peerOf(socket);
    if (!trust.trusts(peer)) {
      // A health check that only connects is gone by now, and nobody can say who it was.
      if (peer === "") return void socket.destroy();
      return this.#refuse(socket, "the peer is none of edge.trustedProxies");
    }
    return takeProxyHeader(socket, settings.limits.headersTimeoutMs, {
      taken: (client) => {
        if (client !== null) this.#context.peers.set(socket, client);
        goOn();
      },
      refused: (why) => this.#refuse(socket, why),
    });
  }

  #refuse(socket: Socket, why: string): void {
    const { clock, log } = this.#context.options;
    const peer = this.#context.peerOf(socket);
    socket.destroy();
    this.#context.ended.note("proxy-refused", peer);
    this.#unlogged += 1;
    if (clock.mono() - this.#loggedAt < logEveryMs) return;
    log.warn("PROXY protocol: connection refused", { peer, why, refused: this.#unlogged });
    this.#loggedAt = clock.mono();
    this.#unlogged = 0;
  }
}
