import type { ExternalCacheSettings } from "#model/external-cache.ts";
import type { Clock } from "#model/ports.ts";

/** One connection that commands may be sent over. */
export interface CacheConnection {
  /** Rejects with what the server says against it, and when the connection is lost. */
  send(args: readonly (string | Buffer)[]): Promise<unknown>;
  readonly isOpen: boolean;
  close(): void;
}

/** Rejects when it cannot be had within the time. */
export type Connect = (settings: ExternalCacheSettings, withinMs: number) => Promise<CacheConnection>;

export interface CacheLineOptions {
  readonly settings: ExternalCacheSettings;
  readonly connect: Connect;
  readonly clock: Pick<Clock, "mono">;
  /** 0 to below 1: gateways that lose the same server do not come back at once. */
  readonly random: () => number;
  readonly onFailure: (error: unknown) => void;
}

const connectMs = 3000;
const firstPauseMs = 250;
const longestPauseMs = 15_000;

/** The connection to the server: made when first asked for, made again with growing pauses when it is lost. */
export class CacheLine {
  readonly #options: CacheLineOptions;
  #connection: CacheConnection | null = null;
  #connecting: Promise<CacheConnection | null> | null = null;
  #failures = 0;
  #retryAt = 0;
  #closed = false;

  constructor(options: CacheLineOptions) {
    this.#options = options;
  }

  /** Null while there is none. A promise only before the first failure: after one nobody waits for the next try. */
  get(): CacheConnection | null | Promise<CacheConnection | null> {
    const open = this.#connection;
    if (open?.isOpen === true) return open;
    if (open !== null) this.drop(open);
    if (this.#closed || this.#options.clock.mono() < this.#retryAt) return null;
    this.#connecting ??= this.#connect();
    return this.#failures === 0 ? this.#connecting : null;
  }

  /** It is lost, or answers too late to be of use. */
  drop(connection: CacheConnection): void {
    if (this.#connection !== connection) return;
    this.#connection = null;
    connection.close();
    this.#pause();
  }

  /** Somebody has waited for the first connection in vain: nobody else does. */
  late(): void {
    if (this.#connection === null && this.#failures === 0) this.#failures = 1;
  }

  close(): void {
    this.#closed = true;
    this.#connection?.close();
    this.#connection = null;
  }

  async #connect(): Promise<CacheConnection | null> {
    const { connect, settings, onFailure } = this.#options;
    try {
      const connection = await connect(settings, connectMs);
      if (this.#closed) {
        connection.close();
        return null;
      }
      this.#connection = connection;
      this.#failures = 0;
      return connection;
    } catch (error) {
      if (!this.#closed) onFailure(error);
      this.#pause();
      return null;
    } finally {
      this.#connecting = null;
    }
  }

  #pause(): void {
    const { clock, random } = this.#options;
    const longest = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(this.#failures, 10));
    this.#failures += 1;
    this.#retryAt = clock.mono() + longest * (0.5 + random() / 2);
  }
}
