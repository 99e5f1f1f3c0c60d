import { type LogLevel, logLevels } from "#model/logs.ts";
import type { Log } from "#model/ports.ts";

type Fields = Readonly<Record<string, unknown>>;

export interface JsonLog extends Log {
  /** Whatever the least level is: of who has looked at a level already. */
  write(level: LogLevel, message: string, fields: Fields): void;
}

/**
 * The operational log: one JSON object a line. Fields are what the caller gives; secrets are never given.
 *
 * @param write takes one line without its line break.
 * @param redact takes out of every text what the definition wants to be kept out
 */
export function createJsonLog(
  write: (line: string) => void,
  now: () => number,
  least: LogLevel = "info",
  redact: (text: string) => string = (text) => text,
): JsonLog {
  const shown = (_: string, value: unknown): unknown => (typeof value === "string" ? redact(value) : value);
  const always = (level: LogLevel, message: string, fields: Fields): void =>
    write(JSON.stringify({ time: new Date(now()).toISOString(), level, message, ...fields }, shown));
  const from =
    (level: LogLevel) =>
    (message: string, fields: Fields = {}): void => {
      if (logLevels.indexOf(level) >= logLevels.indexOf(least)) always(level, message, fields);
    };
  return { info: from("info"), warn: from("warn"), error: from("error"), write: always };
}
