import { type Command, InvalidArgumentError, Option } from "commander";
import { parseDuration } from "#notation/units.ts";

export interface TimeRangeOptions {
  readonly from?: number;
  readonly to?: number;
  readonly last?: number;
}

/** Milliseconds since the epoch; from the first on, before the second. */
export interface TimeRange {
  readonly fromMs: number;
  readonly toMs: number;
}

/** `--from`, `--to` and `--last` of commands that look at a stretch of time. */
export function withTimeRange(command: Command): Command {
  return command
    .addOption(new Option("--from <time>", "from then on: 2026-03-01, or 2026-03-01T12:00:00Z").argParser(timeOf))
    .addOption(new Option("--to <time>", "before then").argParser(timeOf))
    .addOption(
      new Option("--last <duration>", "from that long ago on: 90s, 15m, 24h, 7d")
        .argParser(durationOf)
        .conflicts(["from", "to"]),
    )
    .hook("preAction", (_, action) => {
      const { from, to } = action.opts<TimeRangeOptions>();
      // A report of no time at all would say of everything that it did not happen.
      if (from === undefined || to === undefined || from < to) return;
      action.error("error: --from is not before --to, so nothing lies between them.", { exitCode: 2 });
    });
}

/** Without an option all time there is. `nowMs`: milliseconds since the epoch. */
export function timeRangeOf({ from, to, last }: TimeRangeOptions, nowMs: number): TimeRange {
  if (last !== undefined) return { fromMs: nowMs - last, toMs: Number.MAX_SAFE_INTEGER };
  return { fromMs: from ?? 0, toMs: to ?? Number.MAX_SAFE_INTEGER };
}

/** A date alone is its beginning in UTC, and so is a time without a zone: records are in UTC. */
function timeOf(text: string): number {
  const match = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}:\d{2})?)?$/.exec(text);
  const time = match === null ? Number.NaN : Date.parse(`${match[1]}T${match[2] ?? "00:00"}${match[3] ?? "Z"}`);
  // A 30th of February would be taken for a day in March.
  if (!Number.isNaN(time) && isDay(match?.[1])) return time;
  throw new InvalidArgumentError("It takes a date or time such as 2026-03-01 or 2026-03-01T12:00:00Z.");
}

function isDay(text: string = ""): boolean {
  return new Date(`${text}T00:00:00Z`).toISOString().startsWith(text);
}

/** For an option that goes on as it is. */
export function checkedDuration(text: string): string {
  durationOf(text);
  return text;
}

function durationOf(text: string): number {
  const value = parseDuration(text);
  if (value !== undefined && value > 0) return value;
  throw new InvalidArgumentError("It takes a duration such as 90s, 15m, 24h or 7d.");
}
