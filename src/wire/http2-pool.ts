import type { Socket } from "node:net";
import type { GatewayError } from "#model/errors.ts";
import { addressOf, type Target } from "./dial.ts";
import { Dialling, type DiallingUser } from "./dialling.ts";
import { Http2Session, type SessionOwner } from "./http2-session.ts";
import type { PoolSettings } from "./pool.ts";
import type { PoolUser, TransportPool } from "./transport.ts";
import { upstreamError } from "./upstream-error.ts";
import { WaitingLine } from "./waiting-line.ts";

/** Takes over a socket whose peer chose another protocol, and the one it was dialled for. */
export type OtherProtocol = (socket: Socket, user: PoolUser | null) => void;

/**
 * HTTP/2 sessions of one worker to one target. A further one is opened only when the others are full; while one is
 * being dialled, whoever comes waits for it.
 */
export class Http2Pool implements TransportPool, SessionOwner, DiallingUser {
  readonly target: Target;
  readonly #settings: PoolSettings;
  readonly #other: OtherProtocol | null;
  readonly #sessions: Set<Http2Session> = new Set();
  readonly #waiting: WaitingLine;
  #dialling: Dialling | null = null;
  #opener: PoolUser | null = null;
  #retired = false;

  /** `other`: null when nothing but HTTP/2 will do. */
  constructor(target: Target, settings: PoolSettings, other: OtherProtocol | null) {
    this.target = target;
    this.#settings = settings;
    this.#other = other;
    this.#waiting = new WaitingLine(settings);
  }

  get isEmpty(): boolean {
    return this.#sessions.size === 0 && this.#dialling === null && this.#waiting.length === 0;
  }

  acquire(user: PoolUser): void {
    const session = this.#withRoom();
    if (session !== null) return lease(session, user);
    if (this.#mayDial) this.#dial(user);
    else this.#waiting.join(user);
  }

  cancel(user: PoolUser): void {
    this.#waiting.leave(user);
    if (this.#opener !== user) return;
    this.#opener = this.#waiting.next() ?? null;
    if (this.#opener !== null) return;
    this.#dialling?.cancel();
    this.#dialling = null;
  }

  retire(): void {
    this.#retired = true;
    for (const session of this.#sessions) if (session.isIdle) session.close();
  }

  /** Everyone who waits, for another pool to serve. */
  takeWaiting(): PoolUser[] {
    const users: PoolUser[] = [];
    for (let user = this.#waiting.next(); user !== undefined; user = this.#waiting.next()) users.push(user);
    return users;
  }

  dialled(socket: Socket, protocol: string | null): void {
    const opener = this.#opened();
    if (this.target.tls === null || protocol === "h2") {
      const scheme = this.target.tls === null ? "http" : "https";
      const address = addressOf(socket, this.target);
      const session = new Http2Session(this, socket, { scheme, address }, this.#settings);
      this.#sessions.add(session);
      if (opener !== null) lease(session, opener);
      this.freed(session);
    } else if (this.#other === null) {
      socket.destroy();
      this.#refuse(opener, upstreamError("upstream-connect-failed", "the upstream does not speak HTTP/2"));
    } else this.#other(socket, opener);
  }

  dialFailed(error: GatewayError): void {
    this.#refuse(this.#opened(), error);
  }

  freed(session: Http2Session): void {
    this.#serve();
    if (!session.isIdle) return;
    if (this.#retired) session.close();
    else session.expireIdleAfter(this.#settings.idleTimeoutMs);
  }

  closed(session: Http2Session): void {
    this.#sessions.delete(session);
    this.#serve();
  }

  get #mayDial(): boolean {
    return this.#dialling === null && this.#sessions.size < this.#settings.maxConnections;
  }

  #withRoom(): Http2Session | null {
    for (const session of this.#sessions) if (session.hasRoom) return session;
    return null;
  }

  #serve(): void {
    for (let session = this.#withRoom(); session !== null; session = this.#withRoom()) {
      const user = this.#waiting.next();
      if (user === undefined) return;
      lease(session, user);
    }
    if (!this.#mayDial) return;
    const user = this.#waiting.next();
    if (user !== undefined) this.#dial(user);
  }

  #dial(user: PoolUser): void {
    const { wheel, connectTimeoutMs: timeoutMs } = this.#settings;
    this.#opener = user;
    this.#dialling = new Dialling(this.target, this.#protocols, { wheel, timeoutMs }, this);
  }

  get #protocols(): readonly string[] {
    return this.#other === null ? ["h2"] : ["h2", "http/1.1"];
  }

  #opened(): PoolUser | null {
    const opener = this.#opener;
    this.#opener = null;
    this.#dialling = null;
    return opener;
  }

  /** One dial answers for one request; the next in the line has one of its own. */
  #refuse(user: PoolUser | null, error: GatewayError): void {
    user?.refused(error);
    this.#serve();
  }
}

function lease(session: Http2Session, user: PoolUser): void {
  user.connected(session.lease(), session.used);
}
