import type { Clock, Log } from "#model/ports.ts";
import type { Async, KeyChanges, SubscriptionStore } from "#storage/interfaces.ts";

/** Also without news: a clock may be set, and timers are not exact over days. */
const longestMs = 60_000;
const shortestMs = 20;
/** Some milliseconds of the store's time. */
const most = 1000;

/** Ends subscriptions when they are to end: their keys are refused by all workers from then on. */
export class SubscriptionExpiry {
  readonly #store: Pick<Async<SubscriptionStore>, "expire" | "nextEnd">;
  readonly #clock: Pick<Clock, "now">;
  readonly #log: Log;
  readonly #onKeys: (changes: KeyChanges) => void;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(
    store: Pick<Async<SubscriptionStore>, "expire" | "nextEnd">,
    clock: Pick<Clock, "now">,
    log: Log,
    onKeys: (changes: KeyChanges) => void,
  ) {
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
    this.#onKeys = onKeys;
  }

  /** Ends what is due, and comes back for the next one. A store that fails is asked again. */
  async look(): Promise<void> {
    let waitMs = longestMs;
    try {
      this.#onKeys(await this.#store.expire(this.#clock.now(), most));
      const next = await this.#store.nextEnd();
      if (next !== null) waitMs = Math.min(Math.max(next - this.#clock.now(), shortestMs), longestMs);
    } catch (error) {
      this.#log.warn("subscriptions that are over could not be ended", { error: String(error) });
    }
    if (this.#stopped) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.look(), waitMs).unref();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }
}
