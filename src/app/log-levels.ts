import type { ApiLevel, LogLevel } from "#model/logs.ts";
import type { Clock } from "#model/ports.ts";

export interface LogLevelsOptions {
  readonly clock: Clock;
  /** Resolves when every worker goes by them. */
  readonly publish: (levels: readonly ApiLevel[]) => Promise<void>;
}

/** Main's side of levels of single APIs and operations: each is for a while, and none outlives the process. */
export class LogLevels {
  readonly #options: LogLevelsOptions;
  #levels: readonly ApiLevel[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(options: LogLevelsOptions) {
    this.#options = options;
  }

  /** Those that hold now, by name. */
  get levels(): readonly ApiLevel[] {
    const now = this.#options.clock.now();
    return this.#levels.filter(({ until }) => until > now);
  }

  /** In force on every worker when it resolves. */
  async set(api: string, operation: string | null, level: LogLevel, lifeMs: number): Promise<ApiLevel> {
    const changed = { api, operation, level, until: this.#options.clock.now() + lifeMs };
    await this.#publish([...this.#without(api, operation), changed].toSorted(byName));
    return changed;
  }

  /** As usual again. */
  async reset(api: string, operation: string | null): Promise<void> {
    await this.#publish(this.#without(api, operation));
  }

  #without(api: string, operation: string | null): readonly ApiLevel[] {
    return this.levels.filter((one) => one.api !== api || one.operation !== operation);
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  async #publish(levels: readonly ApiLevel[]): Promise<void> {
    this.#levels = levels;
    clearTimeout(this.#timer);
    const next = Math.min(...levels.map(({ until }) => until));
    if (next !== Infinity) {
      const wait = Math.max(0, next - this.#options.clock.now()) + 1;
      this.#timer = setTimeout(() => void this.#publish(this.levels).catch(() => {}), wait).unref();
    }
    await this.#options.publish(levels);
  }
}

function byName(one: ApiLevel, other: ApiLevel): number {
  if (one.api !== other.api) return one.api < other.api ? -1 : 1;
  return (one.operation ?? "") < (other.operation ?? "") ? -1 : 1;
}
