import { GatewayError } from "#model/errors.ts";
import { Connection, type ConnectionOwner, type ConnectionSettings } from "./connection.ts";
import type { Target } from "./dial.ts";
import { Timeout } from "./timer-wheel.ts";
import type { PoolUser, TransportPool } from "./transport.ts";

export interface PoolSettings extends ConnectionSettings {
  readonly maxConnections: number;
  /** Requests that wait for a connection. */
  readonly maxWaiting: number;
  /** Longest wait for one. */
  readonly waitMs: number;
  readonly idleTimeoutMs: number;
}

interface Waiter {
  readonly user: PoolUser;
  readonly timeout: Timeout;
}

/** HTTP/1.1 connections of one worker to one target: the most recently used is used first, so that spare ones age and close. */
export class Pool implements TransportPool, ConnectionOwner {
  readonly target: Target;
  readonly #settings: PoolSettings;
  readonly #idle: Connection[] = [];
  readonly #waiting: Waiter[] = [];
  readonly #dialing: Map<Connection, PoolUser> = new Map();
  #open = 0;
  #session: Buffer | null = null;
  #retired = false;

  constructor(target: Target, settings: PoolSettings) {
    this.target = target;
    this.#settings = settings;
  }

  get isEmpty(): boolean {
    return this.#open === 0 && this.#waiting.length === 0;
  }

  acquire(user: PoolUser, fresh: boolean): void {
    const spare = fresh ? undefined : this.#idle.pop();
    if (spare !== undefined) return user.connected(spare, true);
    if (fresh && this.#open >= this.#settings.maxConnections) this.#idle[0]?.abandon();
    if (this.#open < this.#settings.maxConnections) return this.#dial(user);
    if (this.#waiting.length >= this.#settings.maxWaiting) return user.refused(unavailable("too many requests wait"));
    this.#wait(user);
  }

  cancel(user: PoolUser): void {
    const at = this.#waiting.findIndex((waiter) => waiter.user === user);
    if (at >= 0) this.#unqueue(at);
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
    if (this.#waiting.length > 0) return this.#unqueue(0).user.connected(connection, true);
    const keepMs = idleTime(this.#settings.idleTimeoutMs, connection.keepAliveMs);
    if (this.#retired || keepMs <= 0) return connection.abandon();
    this.#idle.push(connection);
    connection.expireIdleAfter(keepMs);
  }

  closed(connection: Connection): void {
    this.#open -= 1;
    const at = this.#idle.lastIndexOf(connection);
    if (at >= 0) this.#idle.splice(at, 1);
    if (this.#waiting.length > 0 && this.#open < this.#settings.maxConnections) this.#dial(this.#unqueue(0).user);
  }

  session(session: Buffer): void {
    this.#session = session;
  }

  #dial(user: PoolUser): void {
    this.#open += 1;
    this.#dialing.set(new Connection(this, this.target, this.#settings, this.#session), user);
  }

  #wait(user: PoolUser): void {
    const waiter: Waiter = { user, timeout: new Timeout(() => this.#waitedTooLong(waiter)) };
    this.#waiting.push(waiter);
    this.#settings.wheel.arm(waiter.timeout, this.#settings.waitMs);
  }

  #waitedTooLong(waiter: Waiter): void {
    this.#unqueue(this.#waiting.indexOf(waiter));
    waiter.user.refused(unavailable("no connection became free in time"));
  }

  #unqueue(at: number): Waiter {
    const [waiter] = this.#waiting.splice(at, 1) as [Waiter];
    this.#settings.wheel.disarm(waiter.timeout);
    return waiter;
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

function unavailable(why: string): GatewayError {
  return new GatewayError("upstream-unavailable", 503, `no upstream is available: ${why}`, {
    source: "upstream",
    retryable: true,
  });
}
