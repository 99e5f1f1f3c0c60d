import { connect, type Socket } from "node:net";
import { GatewayError } from "#model/errors.ts";
import type { FastCgiAddress } from "#model/handler.ts";

export interface FastCgiConnections {
  readonly address: FastCgiAddress;
  readonly connectTimeoutMs: number;
  /** At a time and worker. */
  readonly maxConnections: number;
  /** Idle ones that are kept. PHP-FPM gives a process of its own to each. */
  readonly keep: number;
}

const maxWaiting = 1024;
const waitMs = 5000;
const idleMs = 30_000;

/** The connections of one application server on this worker. */
export class ConnectionPool {
  readonly #settings: FastCgiConnections;
  readonly #idle: Socket[] = [];
  readonly #waiting: Set<() => void> = new Set();
  #open = 0;

  constructor(settings: FastCgiConnections) {
    this.#settings = settings;
  }

  get name(): string {
    const { address } = this.#settings;
    return "path" in address ? `unix:${address.path}` : `${address.host}:${address.port}`;
  }

  /** @throws GatewayError `upstream-connect-failed`, `upstream-unavailable` */
  async take(fresh: boolean): Promise<{ readonly socket: Socket; readonly reused: boolean }> {
    const idle = fresh ? undefined : this.#takeIdle();
    if (idle !== undefined) return { socket: idle, reused: true };
    if (this.#open >= this.#settings.maxConnections) await this.#wait();
    else this.#open += 1;
    try {
      return { socket: await this.#dial(), reused: false };
    } catch (error) {
      this.#left();
      throw error;
    }
  }

  /** After a request that has come to its end. */
  release(socket: Socket, usable: boolean): void {
    if (!usable || this.#idle.length >= this.#settings.keep || this.#waiting.size > 0) {
      socket.destroy();
      this.#left();
      return;
    }
    const drop = (): void => {
      const at = this.#idle.indexOf(socket);
      if (at < 0) return;
      this.#idle.splice(at, 1);
      socket.destroy();
      this.#left();
    };
    socket.removeAllListeners();
    socket.on("error", drop).on("close", drop).on("data", drop).setTimeout(idleMs, drop);
    this.#idle.push(socket);
  }

  close(): void {
    for (const socket of this.#idle.splice(0)) socket.destroy();
  }

  #takeIdle(): Socket | undefined {
    const socket = this.#idle.pop();
    socket?.removeAllListeners();
    return socket?.setTimeout(0);
  }

  #left(): void {
    // Who waits takes over the place.
    const [next] = this.#waiting;
    if (next === undefined) this.#open -= 1;
    else next();
  }

  #wait(): Promise<void> {
    const unavailable = new GatewayError("upstream-unavailable", 503, `no connection to ${this.name} is free`, {
      source: "upstream",
    });
    if (this.#waiting.size >= maxWaiting) return Promise.reject(unavailable);
    return new Promise((resolve, reject) => {
      const go = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(go);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(go);
        reject(unavailable);
      }, waitMs);
      this.#waiting.add(go);
    });
  }

  #dial(): Promise<Socket> {
    const { address, connectTimeoutMs } = this.#settings;
    return new Promise((resolve, reject) => {
      const socket = connect(address);
      const failed = (cause?: unknown): void => {
        socket.destroy();
        const message = `${this.name} does not answer`;
        reject(new GatewayError("upstream-connect-failed", 502, message, { source: "upstream", cause }));
      };
      socket.once("error", failed).setTimeout(connectTimeoutMs, () => failed());
      socket.once("connect", () => {
        socket.removeAllListeners();
        socket.setTimeout(0);
        resolve(socket);
      });
    });
  }
}
