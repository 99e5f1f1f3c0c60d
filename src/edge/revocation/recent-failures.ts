import type { Clock } from "#model/ports.ts";

/** So long one that failed is not asked again: a thousand clients would each wait for its time-out. */
export const failureMs = 15_000;
const most = 256;

/** Places that could not be asked a moment ago, and why. */
export class RecentFailures {
  readonly #clock: Pick<Clock, "now">;
  readonly #failures = new Map<string, { readonly error: Error; readonly until: number }>();

  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
  }

  /** @throws what the work throws, or threw a moment ago */
  async guard<Result>(place: string, work: () => Promise<Result>): Promise<Result> {
    const before = this.#failures.get(place);
    if (before !== undefined && this.#clock.now() < before.until) throw before.error;
    try {
      return await work();
    } catch (error) {
      this.#keep(place, error as Error);
      throw error;
    }
  }

  #keep(place: string, error: Error): void {
    this.#failures.delete(place);
    this.#failures.set(place, { error, until: this.#clock.now() + failureMs });
    const [oldest] = this.#failures.keys();
    if (this.#failures.size > most && oldest !== undefined) this.#failures.delete(oldest);
  }
}
