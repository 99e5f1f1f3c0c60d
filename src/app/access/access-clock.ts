import type { Clock, Log } from "#model/ports.ts";
import type { AccessRequests } from "#products/access-requests.ts";
import type { AccessStore } from "#storage/access-store.ts";
import type { Async } from "#storage/interfaces.ts";

/** Also without news: a clock may be set, and timers are not exact over days. */
const longestMs = 60_000;
const shortestMs = 20;
const pruneEveryMs = 3_600_000;
/** Of what is over. The audit record has it for as long as that is kept. */
const keptMs = 400 * 86_400_000;

/** Ends requests that nobody has answered and approvals whose time is over, when it is over. */
export class AccessClock {
  readonly #requests: Pick<AccessRequests, "tick">;
  readonly #store: Pick<Async<AccessStore>, "prune">;
  readonly #clock: Pick<Clock, "now">;
  readonly #log: Log;
  #timer: NodeJS.Timeout | undefined;
  #prunedAt = 0;
  #stopped = false;

  constructor(
    requests: Pick<AccessRequests, "tick">,
    store: Pick<Async<AccessStore>, "prune">,
    clock: Pick<Clock, "now">,
    log: Log,
  ) {
    this.#requests = requests;
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
  }

  /** Ends what is due, and comes back for the next one. A store that fails is asked again. */
  async look(): Promise<void> {
    let waitMs = longestMs;
    try {
      const next = await this.#requests.tick();
      if (next !== null) waitMs = Math.min(Math.max(next - this.#clock.now(), shortestMs), longestMs);
      await this.#prune();
    } catch (error) {
      this.#log.warn("access that is over could not be ended", { error: String(error) });
    }
    if (this.#stopped) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.look(), waitMs).unref();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  async #prune(): Promise<void> {
    const now = this.#clock.now();
    if (now - this.#prunedAt < pruneEveryMs) return;
    this.#prunedAt = now;
    await this.#store.prune(now - keptMs, 500);
  }
}
