import { Revocations } from "#identity/revocations.ts";
import type { Clock, Log } from "#model/ports.ts";
import type { Revocation, RevocationChange } from "#model/identity-revocation.ts";
import type { Async, RevocationStore } from "#storage/interfaces.ts";

export interface RevocationKeeperOptions {
  readonly store: Async<RevocationStore>;
  readonly clock: Clock;
  readonly log: Log;
  /** Resolves when every worker goes by it. */
  readonly publish: (change: RevocationChange) => Promise<void>;
}

const pruneEveryMs = 60_000;

/** Main's own list of what is revoked: for the admin API, and for workers that start. */
export class RevocationKeeper {
  readonly known: Revocations;
  readonly #options: RevocationKeeperOptions;
  readonly #timer: NodeJS.Timeout;

  static async open(options: RevocationKeeperOptions): Promise<RevocationKeeper> {
    const { store, clock } = options;
    await store.prune(clock.now());
    return new RevocationKeeper(options, await store.all());
  }

  private constructor(options: RevocationKeeperOptions, all: readonly Revocation[]) {
    this.#options = options;
    this.known = new Revocations(all, options.clock);
    this.#timer = setInterval(() => void this.#prune(), pruneEveryMs).unref();
  }

  /** Known here first: a worker that starts meanwhile gets it with all others. */
  async follow(change: RevocationChange): Promise<void> {
    this.known.apply(change);
    await this.#options.publish(change);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** What is over meets nobody; it only takes room. */
  async #prune(): Promise<void> {
    const { store, clock, log } = this.#options;
    const now = clock.now();
    try {
      await store.prune(now);
      const over = this.known.all().filter(({ until }) => until !== null && until <= now);
      for (const { kind, id } of over) await this.follow({ lift: { kind, id } });
    } catch (error) {
      log.warn("revocations that are over could not be forgotten", { error: String(error) });
    }
  }
}
