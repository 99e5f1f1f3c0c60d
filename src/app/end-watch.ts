import type { Clock, Log } from "#model/ports.ts";

/** Also without news: a clock may be set, and timers are not exact over days. */
const longestMs = 60_000;
const shortestMs = 20;

export interface EndWatchOptions {
  /** Ends what is due. @returns when the next one is, in milliseconds since the epoch; null: none */
  readonly endDue: () => Promise<number | null>;
  readonly clock: Pick<Clock, "now">;
  readonly log: Log;
  /** What the log says when that fails. */
  readonly failed: string;
}

/** Ends things when their time is over. */
export class EndWatch {
  readonly #options: EndWatchOptions;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: EndWatchOptions) {
    this.#options = options;
  }

  /** Ends what is due, and comes back for the next one. A store that fails is asked again. */
  async look(): Promise<void> {
    const { endDue, clock, log, failed } = this.#options;
    let waitMs = longestMs;
    try {
      const next = await endDue();
      if (next !== null) waitMs = Math.min(Math.max(next - clock.now(), shortestMs), longestMs);
    } catch (error) {
      log.warn(failed, { error: String(error) });
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
