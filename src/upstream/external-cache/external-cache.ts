import { Buffer } from "node:buffer";
import { hash } from "node:crypto";
import type { Cache, CacheEntry } from "#model/cache.ts";
import { GatewayError } from "#model/errors.ts";
import type { ExternalCacheSettings } from "#model/external-cache.ts";
import type { Clock } from "#model/ports.ts";
import { CacheLine, type Connect } from "./connection.ts";
import { decodeFrame, encodeFrame, frameOverhead } from "./frame.ts";
import type { CacheProblems } from "./problems.ts";

/** Commands under way. */
const mostCommands = 1024;
/** Of all values under way to the server. */
const mostBytes = 32 * 2 ** 20;
/** Removals that the server has not confirmed. */
const mostRemoved = 10_000;
/** What is known of a body besides the body itself: the fields of a response. */
const metaRoom = 128 * 1024;

export interface ExternalCacheOptions {
  readonly settings: ExternalCacheSettings;
  readonly maxEntryBytes: number;
  readonly connect: Connect;
  readonly clock: Clock;
  readonly problems: CacheProblems;
  readonly random: () => number;
}

/**
 * A cache that several gateways share. Whatever is wrong with it is a miss: it holds up no request for longer than its
 * time-out, and once it has failed none at all until it is back. Nothing of it is copied here, so that what another
 * gateway removes is gone at once.
 */
export class ExternalCache implements Cache {
  readonly maxEntryBytes: number;
  readonly #options: ExternalCacheOptions;
  readonly #line: CacheLine;
  /** Names whose removal is not confirmed, with its number: a miss here, whatever the server has. */
  readonly #removed: Map<string, number> = new Map();
  #removals = 0;
  #commands = 0;
  #bytes = 0;

  constructor(options: ExternalCacheOptions) {
    const { settings, connect, clock, problems, random } = options;
    this.#options = options;
    this.maxEntryBytes = options.maxEntryBytes;
    const onFailure = (error: unknown): void => problems.note(isReply(error) ? "refused" : "unreachable", error);
    this.#line = new CacheLine({ settings, connect, clock, random, onFailure });
  }

  async get(key: string): Promise<CacheEntry | undefined> {
    const name = this.#nameOf(key);
    if (this.#removed.has(name)) {
      void this.#confirmRemoval(name);
      return undefined;
    }
    // Of what is too large to be ours only so much comes as tells it.
    const found = await this.#ask(["GETRANGE", name, "0", String(this.#largest)]);
    if (!Buffer.isBuffer(found) || found.length === 0 || this.#removed.has(name)) return undefined;
    const entry = found.length > this.#largest ? undefined : decodeFrame(name, found, this.#options.clock.now());
    if (entry === undefined) this.#options.problems.note("foreign");
    return entry ?? undefined;
  }

  async put(key: string, entry: CacheEntry): Promise<void> {
    const leftMs = Math.floor(entry.expiresAt - this.#options.clock.now());
    if (leftMs < 1 || entry.body.byteLength > this.maxEntryBytes) return;
    if (frameOverhead + entry.meta.length + entry.body.byteLength > this.#largest) return;
    const name = this.#nameOf(key);
    const frame = encodeFrame(name, entry);
    if (frame.length > this.#largest) return;
    const removal = this.#removed.get(name);
    const answer = await this.#ask(["SET", name, frame, "PX", String(leftMs)], frame.length);
    if (answer !== undefined) this.#settle(name, removal);
  }

  async remove(key: string): Promise<void> {
    const name = this.#nameOf(key);
    this.#removed.set(name, (this.#removals += 1));
    const [oldest = name] = this.#removed.keys();
    if (this.#removed.size > mostRemoved) this.#removed.delete(oldest);
    if (await this.#confirmRemoval(name)) return;
    throw new GatewayError("store-unavailable", 503, "the external cache does not say that the value is gone");
  }

  close(): void {
    this.#line.close();
  }

  get #largest(): number {
    return frameOverhead + metaRoom + this.maxEntryBytes;
  }

  /** Keys may hold anything, and say who asked for what: the server gets to see neither. */
  #nameOf(key: string): string {
    return this.#options.settings.prefix + hash("sha256", key, "base64url");
  }

  async #confirmRemoval(name: string): Promise<boolean> {
    const removal = this.#removed.get(name);
    if ((await this.#ask(["DEL", name])) === undefined) return false;
    this.#settle(name, removal);
    return true;
  }

  /** One that was asked for meanwhile is still to be confirmed. */
  #settle(name: string, removal: number | undefined): void {
    if (removal !== undefined && this.#removed.get(name) === removal) this.#removed.delete(name);
  }

  /** Undefined when there was no answer, or an error. */
  async #ask(args: readonly (string | Buffer)[], bytes = 0): Promise<unknown> {
    const { problems } = this.#options;
    if (this.#commands >= mostCommands || this.#bytes + bytes > mostBytes) {
      problems.note("busy");
      return undefined;
    }
    this.#commands += 1;
    this.#bytes += bytes;
    try {
      return await this.#within(args);
    } finally {
      this.#commands -= 1;
      this.#bytes -= bytes;
    }
  }

  async #within(args: readonly (string | Buffer)[]): Promise<unknown> {
    const { promise: late, resolve } = Promise.withResolvers<typeof tooLate>();
    const timer = setTimeout(resolve, this.#options.settings.timeoutMs, tooLate);
    try {
      const connection = await Promise.race([this.#line.get(), late]);
      if (connection === tooLate) {
        this.#options.problems.note("timeout");
        this.#line.late();
        return undefined;
      }
      // Why there is none has been noted.
      if (connection === null) return undefined;
      const sent = connection.send(args);
      const answer = await Promise.race([sent.catch((error: unknown) => this.#failed(error)), late]);
      if (answer !== tooLate) return answer;
      this.#options.problems.note("timeout");
      this.#line.drop(connection);
      return undefined;
    } finally {
      clearTimeout(timer);
    }
  }

  /** A lost connection is seen by whoever asks next. */
  #failed(error: unknown): undefined {
    this.#options.problems.note(isReply(error) ? "refused" : "unreachable", error);
    return undefined;
  }
}

const tooLate: unique symbol = Symbol("too late");

/** An error that the server itself has said: its first word is in capitals. */
function isReply(error: unknown): boolean {
  return error instanceof Error && /^[A-Z]{2,}\b/.test(error.message) && !("code" in error);
}
