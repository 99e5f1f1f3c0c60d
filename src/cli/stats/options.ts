import { type Command, InvalidArgumentError } from "commander";
import { dimensions } from "#analytics/dimensions.ts";
import { wholeNumber } from "#cli/numbers.ts";

export interface RangeOptions {
  readonly last?: string;
  readonly from?: string;
  readonly to?: string;
  readonly top: number;
}

const unitSeconds = { m: 60, h: 3600, d: 86_400 } as const;

/** The time that is looked at. */
export function withRange(command: Command, usual: string): Command {
  return command
    .option("--last <duration>", `how far back, such as 30m, 12h, 7d (default: ${usual})`, durationText)
    .option("--from <time>", "instead: from when, such as 2026-11-27T08:00Z", timeText)
    .option("--to <time>", "until when (default: now)", timeText)
    .option("--top <n>", "how many rows", wholeNumber(1, 1000), 20);
}

export function rangeQuery({ last, from, to, top }: RangeOptions): URLSearchParams {
  const said = { last, from, to, top: String(top) };
  return new URLSearchParams(
    Object.entries(said).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

/** @param now milliseconds since the epoch */
export function secondsOf({ last, from, to }: RangeOptions, usual: string, now: number): number {
  const end = to === undefined ? now : Date.parse(to);
  if (from !== undefined) return Math.max(60, (end - Date.parse(from)) / 1000);
  const text = last ?? usual;
  return Number(text.slice(0, -1)) * unitSeconds[text.at(-1) as keyof typeof unitSeconds];
}

export function durationText(text: string): string {
  if (/^[1-9][0-9]{0,4}[mhd]$/.test(text)) return text;
  throw new InvalidArgumentError("It takes a duration such as 30m, 12h or 7d.");
}

function timeText(text: string): string {
  const time = new Date(text);
  if (!Number.isNaN(time.getTime())) return time.toISOString();
  throw new InvalidArgumentError("It takes a time such as 2026-11-27T08:00Z.");
}

export function dimensionList(text: string): readonly string[] {
  const names = text.split(",").map((name) => name.trim());
  if (names.every((name) => (dimensions as readonly string[]).includes(name))) return names;
  throw new InvalidArgumentError(`It takes names with commas between: ${dimensions.join(", ")}.`);
}

/** `status=5xx`: repeated, all must hold; with commas, one of them. */
export function filter(text: string, before: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const [name = "", ...value] = text.split("=");
  if (value.length === 0 || !(dimensions as readonly string[]).includes(name)) {
    throw new InvalidArgumentError(`It takes NAME=VALUE, where NAME is one of ${dimensions.join(", ")}.`);
  }
  return { ...before, [name]: value.join("=") };
}
