import { type ApiLevel, type LogLevel, logLevels } from "#model/logs.ts";
import type { ApiLog } from "#model/ports.ts";

type Say = (level: LogLevel, message: string, fields: Readonly<Record<string, unknown>>) => void;

interface Ranks {
  readonly all: number | undefined;
  readonly byOperation: ReadonlyMap<string, number>;
}

/** A worker's log about single APIs: what is below the level of an operation, or of its API, is not even told to main. */
export class ApiLevels implements ApiLog {
  readonly #usual: number;
  readonly #say: Say;
  #ranks: ReadonlyMap<string, Ranks> = new Map();

  constructor(usual: LogLevel, say: Say) {
    this.#usual = logLevels.indexOf(usual);
    this.#say = say;
  }

  /** Those that are not as usual; they hold from the next line on. */
  use(levels: readonly ApiLevel[]): void {
    this.#ranks = new Map(
      Map.groupBy(levels, ({ api }) => api)
        .entries()
        .map(([api, of]) => [api, ranksOf(of)]),
    );
  }

  write(
    api: string,
    operation: string,
    level: LogLevel,
    message: string,
    fields: Readonly<Record<string, unknown>>,
  ): void {
    const ranks = this.#ranks.get(api);
    const least = ranks?.byOperation.get(operation) ?? ranks?.all ?? this.#usual;
    if (logLevels.indexOf(level) < least) return;
    this.#say(level, message, { api, ...(operation === "" ? {} : { operation }), ...fields });
  }
}

function ranksOf(levels: readonly ApiLevel[]): Ranks {
  const byOperation = new Map<string, number>();
  let all: number | undefined;
  for (const { operation, level } of levels) {
    if (operation === null) all = logLevels.indexOf(level);
    else byOperation.set(operation, logLevels.indexOf(level));
  }
  return { all, byOperation };
}
