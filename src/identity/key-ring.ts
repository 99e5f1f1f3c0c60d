import { GatewayError } from "#model/errors.ts";
import type { Clock, Log } from "#model/ports.ts";
import type { KeySet } from "./key-set.ts";

const refreshMs = 60 * 60 * 1000;
/** After a failure, or for a `kid` that a fresh set did not hold. Whoever invents kids gets one fetch in this time. */
const holdMs = 5 * 60 * 1000;

export interface KeyRingOptions {
  /** Provider name, for the log. */
  readonly name: string;
  /** How long keys are used beyond the hour when the provider cannot be reached. */
  readonly staleMs: number;
  readonly fetch: () => Promise<KeySet>;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * One issuer's keys over time: fetched once for everyone who waits, refreshed hourly, kept a while when the provider
 * is down. Times are monotonic, so that setting the clock back does not lengthen a key's life.
 */
export class KeyRing {
  /** Rises whenever the keys change; -1 when the ring is closed. What was verified under another number must be verified again. */
  generation = 0;
  keys: KeySet | null = null;
  readonly #options: KeyRingOptions;
  #fetchedAt = -Infinity;
  #failedAt = -Infinity;
  #unknownAt = -Infinity;
  #pending: Promise<void> | null = null;

  constructor(options: KeyRingOptions) {
    this.#options = options;
  }

  /** First fetch, in the background. Its failure does not hold back the first request's own attempt. */
  async prefetch(): Promise<void> {
    await this.#refresh();
    this.#failedAt = -Infinity;
  }

  /** Drops keys that are too old and starts a refresh that is due. Call it often; it is cheap. */
  tick(): void {
    if (this.keys === null || this.generation < 0) return;
    const age = this.#now() - this.#fetchedAt;
    if (age >= refreshMs + this.#options.staleMs) this.#replace(null);
    if (age >= refreshMs && !this.#isHeld(this.#failedAt)) void this.#refresh();
  }

  /** The keys; waits for the first fetch. Null when there are none to be had now. */
  async current(): Promise<KeySet | null> {
    this.tick();
    if (this.keys === null && (this.#pending !== null || !this.#isHeld(this.#failedAt))) await this.#refresh();
    return this.keys;
  }

  /** For a token whose `kid` the keys lack: a rotation, or an invention. May well fetch nothing. */
  async refreshForUnknownKey(isNowKnown: (keys: KeySet) => boolean): Promise<void> {
    const isHeld = this.#isHeld(this.#unknownAt) || this.#isHeld(this.#failedAt);
    if (isHeld && this.#pending === null) return;
    // Set before the fetch: requests that come meanwhile share it, those after it are held.
    if (!isHeld) this.#unknownAt = this.#now();
    await this.#refresh();
    if (this.keys !== null && isNowKnown(this.keys)) this.#unknownAt = -Infinity;
  }

  close(): void {
    this.generation = -1;
    this.keys = null;
  }

  #isHeld(since: number): boolean {
    return this.#now() - since < holdMs;
  }

  #now(): number {
    return this.#options.clock.mono();
  }

  #refresh(): Promise<void> {
    this.#pending ??= this.#fetch().finally(() => {
      this.#pending = null;
    });
    return this.#pending;
  }

  async #fetch(): Promise<void> {
    const { name, log, fetch } = this.#options;
    try {
      const keys = await fetch();
      this.#fetchedAt = this.#now();
      this.#failedAt = -Infinity;
      this.#replace(keys);
    } catch (error) {
      this.#failedAt = this.#now();
      const why = error instanceof GatewayError ? `${error.code}: ${error.message}` : "unexpected failure";
      log.warn("provider's keys could not be fetched", { provider: name, error: why, stillUsed: this.keys !== null });
    }
  }

  #replace(keys: KeySet | null): void {
    if (this.generation < 0 || keys?.fingerprint === this.keys?.fingerprint) return;
    const { name, log } = this.#options;
    this.keys = keys;
    this.generation += 1;
    if (keys === null) log.error("provider's keys are too old to be used", { provider: name });
    else log.info("provider's keys changed", { provider: name, keys: keys.keys.length, leftOut: keys.problems });
  }
}
