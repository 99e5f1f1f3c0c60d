import type { Socket } from "node:net";
import type { Target } from "./dial.ts";
import { Http2Pool } from "./http2-pool.ts";
import { Pool, type PoolSettings } from "./pool.ts";
import type { PoolUser, TransportPool } from "./transport.ts";

/** HTTP/2 where the peer chooses it by ALPN, else HTTP/1.1, until nothing is open any more: then the peer is asked again. */
export class AutoPool implements TransportPool {
  readonly target: Target;
  readonly #http1: Pool;
  readonly #http2: Http2Pool;
  #chosen: TransportPool;

  constructor(target: Target, settings: PoolSettings) {
    this.target = target;
    this.#http1 = new Pool(target, settings);
    this.#http2 = new Http2Pool(target, settings, (socket, user) => this.#fallBack(socket, user));
    this.#chosen = this.#http2;
  }

  get isEmpty(): boolean {
    return this.#http1.isEmpty && this.#http2.isEmpty;
  }

  acquire(user: PoolUser, fresh: boolean): void {
    if (user.switches === true) return this.#http1.acquire(user, fresh);
    if (this.#chosen === this.#http1 && this.#http1.isEmpty) this.#chosen = this.#http2;
    this.#chosen.acquire(user, fresh);
  }

  cancel(user: PoolUser): void {
    this.#http1.cancel(user);
    this.#http2.cancel(user);
  }

  retire(): void {
    this.#http1.retire();
    this.#http2.retire();
  }

  #fallBack(socket: Socket, user: PoolUser | null): void {
    this.#chosen = this.#http1;
    this.#http1.adopt(socket, user);
    for (const waiting of this.#http2.takeWaiting()) this.#http1.acquire(waiting, false);
  }
}
