import type { Measured } from "./goals.ts";
import { median, type Sample, type Target } from "./measure.ts";

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

export function rowOf(target: Target, samples: readonly Sample[]): Row {
  const middle = (pick: (one: Sample) => number): number => Math.round(median(samples.map(pick)) * 10) / 10;
  const middleOrNone = (pick: (one: Sample) => number | null): number | null =>
    samples.some((one) => pick(one) === null) ? null : middle((one) => pick(one) ?? 0);
  return {
    key: target.key,
    proxy: target.proxy,
    case: target.case,
    microsPerRequest: middle(({ micros }) => micros),
    rounds: samples.map(({ micros }) => Math.round(micros * 10) / 10),
    requestsPerSecond: Math.round(middle(({ perSecond }) => perSecond)),
    p50: middleOrNone(({ p50 }) => p50),
    p99: middleOrNone(({ p99 }) => p99),
    residentMiB: Math.max(...samples.map((one) => one.residentMiB)),
    failures: samples.reduce((sum, { failures }) => sum + failures, 0),
  };
}

export function rowsText(rows: readonly Row[]): string {
  const head = ["case", "proxy", "", "µs CPU/request", "requests/s", "p50 ms", "p99 ms", "MiB"];
  return table(
    head,
    rows.map((row) => [
      row.key,
      row.proxy,
      row.case,
      row.microsPerRequest,
      row.requestsPerSecond,
      row.p50 ?? "-",
      row.p99 ?? "-",
      row.residentMiB,
    ]),
  );
}

/** Beside what is aimed at. */
export function goalsText(measured: readonly Measured[]): string {
  const head = ["ratio", "measured", "quartiles", "must", "goal", ""];
  return table(
    head,
    measured.map(({ what, ratio, quartiles: [low, high], must, goal, verdict }) => [
      what,
      ratio.toFixed(2),
      `${low.toFixed(2)} to ${high.toFixed(2)}`,
      `≤ ${must}`,
      `≤ ${goal}`,
      verdict,
    ]),
  );
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const lines = [head, ...rows].map((cells) => cells.map(String));
  const widths = head.map((_, at) => Math.max(...lines.map((cells) => cells[at]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(" | ")} |`;
  const [first = [], ...others] = lines;
  return [line(first), `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`, ...others.map(line)].join("\n");
}
