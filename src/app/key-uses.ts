import { setImmediate } from "node:timers/promises";
import type { Clock, Log } from "#model/ports.ts";
import type { Async, SubscriptionStore } from "#storage/interfaces.ts";
import type { KeyUse } from "#threads/key-index.ts";

/** A crash forgets at most the uses of so long. */
const everyMs = 60_000;
const minuteMs = 60_000;

export interface KeyUsesOptions {
  readonly uses: (since: number) => Generator<readonly KeyUse[], void, undefined>;
  readonly store: Pick<Async<SubscriptionStore>, "noteUses">;
  readonly clock: Clock;
  readonly log: Log;
}

/** Tells the store once a minute which keys have been used: workers note it in shared memory, and no request waits for it. */
export class KeyUsesKeeper {
  readonly #options: KeyUsesOptions;
  readonly #timer: NodeJS.Timeout;
  /** Told until then, in minutes since the epoch. */
  #told: number;
  #telling: Promise<void> = Promise.resolve();

  constructor(options: KeyUsesOptions) {
    this.#options = options;
    this.#told = minuteOf(options.clock);
    this.#timer = setInterval(() => void this.tell(), everyMs).unref();
  }

  /** One round at a time. */
  tell(): Promise<void> {
    this.#telling = this.#telling.then(() => this.#tell());
    return this.#telling;
  }

  /** Call when no worker serves any more. */
  close(): Promise<void> {
    clearInterval(this.#timer);
    return this.tell();
  }

  async #tell(): Promise<void> {
    const { uses, store, clock, log } = this.#options;
    const until = minuteOf(clock);
    try {
      // The minute that was going on last time had more to come; and a worker may be a second late.
      for (const lot of uses(this.#told - 1)) {
        if (lot.length > 0) await store.noteUses(lot.map(({ digest, minute }) => ({ digest, at: minute * minuteMs })));
        await setImmediate();
      }
      this.#told = until;
    } catch (error) {
      log.warn("the last uses of keys could not be noted", { error: String(error) });
    }
  }
}

function minuteOf(clock: Clock): number {
  return Math.floor(clock.now() / minuteMs);
}
