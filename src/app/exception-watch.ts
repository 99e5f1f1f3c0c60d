import type { PolicyException } from "#model/definition.ts";
import { endOfDay } from "#config/environments/expiry.ts";
import type { Clock } from "#model/ports.ts";

const lookEveryMs = 60_000;

/**
 * Notices when an exception of the environment ends while the gateway runs, and has the definition read again. That is
 * refused: so it is in the record, the log, the metrics and the status, and not only found at the next start.
 */
export class ExceptionWatch {
  readonly #exceptions: () => readonly PolicyException[];
  readonly #reload: (why: string) => Promise<unknown>;
  readonly #clock: Pick<Clock, "now">;
  readonly #timer: NodeJS.Timeout;
  readonly #told = new Set<string>();

  constructor(
    exceptions: () => readonly PolicyException[],
    reload: (why: string) => Promise<unknown>,
    clock: Pick<Clock, "now">,
  ) {
    this.#exceptions = exceptions;
    this.#reload = reload;
    this.#clock = clock;
    this.#timer = setInterval(() => void this.look(), lookEveryMs).unref();
  }

  /** Each once. */
  async look(): Promise<void> {
    const ended = this.#exceptions().filter(
      ({ name, until }) => endOfDay(until) <= this.#clock.now() && !this.#told.has(`${name} ${until}`),
    );
    if (ended.length === 0) return;
    for (const { name, until } of ended) this.#told.add(`${name} ${until}`);
    await this.#reload(`the exception ${ended.map(({ name }) => name).join(", ")} has ended`);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
