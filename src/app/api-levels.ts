import { type ApiLevel, type LogLevel, logLevels } from "#model/logs.ts";
import type { ApiLog } from "#model/ports.ts";

/** A worker's log about single APIs: what is below an API's level is not even told to main. */
export class ApiLevels implements ApiLog {
  readonly #usual: number;
  readonly #say: (level: LogLevel, message: string, fields: Readonly<Record<string, unknown>>) => void;
  #ranks: ReadonlyMap<string, number> = new Map();

  constructor(
    usual: LogLevel,
    say: (level: LogLevel, message: string, fields: Readonly<Record<string, unknown>>) => void,
  ) {
    this.#usual = logLevels.indexOf(usual);
    this.#say = say;
  }

  /** Those that are not as usual; they hold from the next line on. */
  use(levels: readonly ApiLevel[]): void {
    this.#ranks = new Map(levels.map(({ api, level }) => [api, logLevels.indexOf(level)]));
  }

  write(api: string, level: LogLevel, message: string, fields: Readonly<Record<string, unknown>>): void {
    if (logLevels.indexOf(level) < (this.#ranks.get(api) ?? this.#usual)) return;
    this.#say(level, message, { api, ...fields });
  }
}
