import type { Measured } from "./goals.ts";
import type { LoadResult } from "./load/result.ts";
import { median } from "./statistics.ts";
import type { Target } from "./target.ts";

/** What was measured of one target. */
export interface Row {
  readonly key: string;
  readonly proxy: string;
  readonly case: string;
  readonly microsPerRequest: number;
  readonly rounds: readonly number[];
  readonly requestsPerSecond: number;
  /** Milliseconds; null: the load does not say. */
  readonly p50: number | null;
  readonly p99: number | null;
  readonly residentMiB: number;
  readonly failures: number;
}

/** @param micros CPU a request, by turn */
export function rowOf(
  target: Target,
  micros: readonly number[],
  turns: readonly LoadResult[],
  residentMiB: number,
): Row {
  const middle = (pick: (one: LoadResult) => number | null): number | null => {
    const values = turns.map(pick);
    return values.includes(null) ? null : rounded(median(values as number[]));
  };
  return {
    key: target.key,
    proxy: target.proxy,
    case: target.case,
    microsPerRequest: rounded(median(micros)),
    rounds: micros.map(rounded),
    requestsPerSecond: Math.round(median(turns.map(({ requests, seconds }) => requests / seconds))),
    p50: middle(({ p50 }) => p50),
    p99: middle(({ p99 }) => p99),
    residentMiB: Math.round(residentMiB),
    failures: turns.reduce((sum, { failures }) => sum + failures, 0),
  };
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

export function rowsText(rows: readonly Row[]): string {
  const head = ["target", "proxy", "", "µs CPU/request", "requests/s", "p50 ms", "p99 ms", "MiB"];
  return table(
    head,
    rows.map((row) => [
      row.key,
      row.proxy,
      row.case,
      row.microsPerRequest.toFixed(1),
      row.requestsPerSecond,
      row.p50?.toFixed(1) ?? "-",
      row.p99?.toFixed(1) ?? "-",
      row.residentMiB,
    ]),
  );
}

/** Beside what is aimed at. */
export function goalsText(measured: readonly Measured[]): string {
  const head = ["case", "what", "measured", "quartiles", "must", "goal", "verdict"];
  return table(
    head,
    measured.map((one) => [
      one.case,
      one.what,
      shown(one, one.value),
      `${shown(one, one.quartiles[0])} to ${shown(one, one.quartiles[1])}`,
      aim(one, one.must),
      aim(one, one.goal),
      verdicts[one.verdict],
    ]),
  );
}

const verdicts = { goal: "goal reached", must: "must reached", missed: "missed", told: "-" } as const;

function aim(measured: Measured, value: number | null): string {
  return value === null ? "-" : `${measured.better === "less" ? "≤" : "≥"} ${value}${unitOf(measured)}`;
}

function shown(measured: Measured, value: number): string {
  const digits = measured.unit === "KB" || (measured.unit === "ms" && value >= 100) ? 0 : value < 0.2 ? 3 : 2;
  return `${value.toFixed(digits)}${unitOf(measured)}`;
}

function unitOf({ unit }: Measured): string {
  return unit === "" ? "" : ` ${unit}`;
}

export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const lines = [head, ...rows].map((cells) => cells.map(String));
  const widths = head.map((_, at) => Math.max(...lines.map((cells) => cells[at]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(" | ")} |`;
  const [first = [], ...others] = lines;
  return [line(first), `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`, ...others.map(line)].join("\n");
}
