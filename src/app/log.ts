import type { Log } from "#model/ports.ts";

export type LogLevel = "info" | "warn" | "error";

const rank: Readonly<Record<LogLevel, number>> = { info: 0, warn: 1, error: 2 };

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
): Log {
  const shown = (_: string, value: unknown): unknown => (typeof value === "string" ? redact(value) : value);
  const log =
    (level: LogLevel) =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}): void => {
      if (rank[level] < rank[least]) return;
      write(JSON.stringify({ time: new Date(now()).toISOString(), level, message, ...fields }, shown));
    };
  return { info: log("info"), warn: log("warn"), error: log("error") };
}
