import type { Socket } from "node:net";
import type { GatewayError } from "#model/errors.ts";
import { Connection, type ConnectionOwner, type ConnectionSettings } from "./connection.ts";
import type { Target } from "./dial.ts";
import type { PoolUser, TransportPool } from "./transport.ts";
import { WaitingLine, type WaitingSettings } from "./waiting-line.ts";

export interface PoolSettings extends ConnectionSettings, WaitingSettings {
  readonly maxConnections: number;
  readonly idleTimeoutMs: number;
}

/** HTTP/1.1 connections of one worker to one target: the most recently used is used first, so that spare ones age and close. */
export class Pool implements TransportPool, ConnectionOwner {
  readonly target: Target;
  readonly #settings: PoolSettings;
  readonly #idle: Connection[] = [];
  readonly #waiting: WaitingLine;
  readonly #dialing: Map<Connection, PoolUser> = new Map();
  #open = 0;
  #session: Buffer | null = null;
  #retired = false;

  constructor(target: Target, settings: PoolSettings) {
    this.target = target;
    this.#settings = settings;
    this.#waiting = new WaitingLine(settings);
  }

  get isEmpty(): boolean {
    return this.#open === 0 && this.#waiting.length === 0;
  }

  acquire(user: PoolUser, fresh: boolean): void {
    const spare = fresh ? undefined : this.#takeSpare(user);
    if (spare !== undefined) return user.connected(spare, true);
    if ((fresh || this.#isPerClient) && this.#open >= this.#settings.maxConnections) this.#idle[0]?.abandon();
    if (this.#open < this.#settings.maxConnections) return this.#dial(user);
    this.#waiting.join(user);
  }

  cancel(user: PoolUser): void {
    this.#waiting.leave(user);
    for (const [connection, opener] of this.#dialing) {
      if (opener !== user) continue;
      this.#dialing.delete(connection);
      connection.abandon();
    }
  }

  retire(): void {
    this.#retired = true;
    for (const connection of this.#idle.slice()) connection.abandon();
  }

  opened(connection: Connection): void {
    const user = this.#dialing.get(connection);
    this.#dialing.delete(connection);
    if (user === undefined) this.released(connection);
    else user.connected(connection, false);
  }

  openFailed(connection: Connection, error: GatewayError): void {
    const user = this.#dialing.get(connection);
    this.#dialing.delete(connection);
    user?.refused(error);
  }

  released(connection: Connection): void {
    const { first } = this.#waiting;
    if (first !== undefined) {
      // Closed, it makes room for one that is made for the client of whoever waits.
      if (this.#isPerClient && first.clientAddress !== connection.client) return connection.abandon();
      return this.#waiting.next()?.connected(connection, true);
    }
    const keepMs = idleTime(this.#settings.idleTimeoutMs, connection.keepAliveMs);
    if (this.#retired || keepMs <= 0) return connection.abandon();
    this.#idle.push(connection);
    connection.expireIdleAfter(keepMs);
  }

  closed(connection: Connection): void {
    this.#open -= 1;
    const at = this.#idle.lastIndexOf(connection);
    if (at >= 0) this.#idle.splice(at, 1);
    if (this.#open >= this.#settings.maxConnections) return;
    const next = this.#waiting.next();
    if (next !== undefined) this.#dial(next);
  }

  /** Takes over a TLS socket that is ready, for `user` if it still wants one. */
  adopt(socket: Socket, user: PoolUser | null): void {
    this.#open += 1;
    const connection = new Connection(this, this.target, this.#settings, { session: null, client: "", ready: socket });
    if (user !== null) this.#dialing.set(connection, user);
    connection.adopted();
  }

  session(session: Buffer): void {
    this.#session = session;
  }

  /** A connection that has told of one client carries no other's requests. */
  get #isPerClient(): boolean {
    return this.target.proxyProtocol !== undefined;
  }

  #takeSpare(user: PoolUser): Connection | undefined {
    if (!this.#isPerClient) return this.#idle.pop();
    const at = this.#idle.findLastIndex(({ client }) => client === user.clientAddress);
    return at < 0 ? undefined : this.#idle.splice(at, 1)[0];
  }

  #dial(user: PoolUser): void {
    this.#open += 1;
    const origin = { session: this.#session, client: user.clientAddress, ready: null };
    this.#dialing.set(new Connection(this, this.target, this.#settings, origin), user);
  }
}

/**
 * Less than the peer keeps it, so that a request does not meet a connection that is just being closed. A peer that
 * says nothing gets our own setting.
 */
function idleTime(settingMs: number, peerMs: number): number {
  if (peerMs < 0) return settingMs;
  return Math.min(settingMs, peerMs - Math.min(1000, peerMs / 2));
}
