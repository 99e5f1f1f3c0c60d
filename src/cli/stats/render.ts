import type { Measures } from "#analytics/question.ts";
import type { ShownAnswer, ShownGroup } from "./answer.ts";
import { bar, sparkline } from "./chart.ts";
import { bytesText, countText, timeText } from "./units.ts";
import { table } from "#cli/table.ts";

export interface Look {
  readonly by: readonly string[];
  readonly isColored: boolean;
}

const barWidth = 10;
const red = "\u001b[31m";
const dim = "\u001b[2m";
const plain = "\u001b[0m";

const measureHeads = ["CALLS", "PER S", "DENIED", "5XX", "P50", "P95", "P99", "MAX", "BYTES OUT"];

/** A table with a row a group: its numbers, its share of all calls, and how its calls went over the time. */
export function renderStats(answer: ShownAnswer, { by, isColored }: Look): string {
  const seconds = (Date.parse(answer.to) - Date.parse(answer.from)) / 1000;
  const rows = answer.groups.map((group) => [
    ...by.map((name) => valueText(group.by[name as keyof typeof group.by])),
    ...numbersOf(group, seconds),
    ...(by.length === 0 ? [] : [bar(answer.total.calls === 0 ? 0 : group.calls / answer.total.calls, barWidth)]),
    trendOf(group, answer),
  ]);
  const share = by.length === 0 ? [] : ["SHARE"];
  const lines = table([...by.map((name) => name.toUpperCase()), ...measureHeads, ...share, "TREND"], rows);
  const colored = isColored
    ? lines.map((line, at) => paint(line, at === 0 ? null : (answer.groups[at - 1] ?? null)))
    : lines;
  return `${[...colored, ...footOf(answer, seconds)].join("\n")}\n`;
}

function paint(line: string, group: ShownGroup | null): string {
  if (group === null) return `${dim}${line}${plain}`;
  return group.errors * 20 > group.calls ? `${red}${line}${plain}` : line;
}

export function valueText(value: string | undefined): string {
  return value === undefined || value === "" ? "-" : value;
}

function numbersOf({ calls, denied, errors, bytesOut, latency }: Measures, seconds: number): readonly string[] {
  const times = [latency?.p50, latency?.p95, latency?.p99, latency?.max].map(timeText);
  const rate = (calls / Math.max(1, seconds)).toFixed(calls / seconds < 10 ? 2 : 0);
  return [countText(calls), rate, countText(denied), countText(errors), ...times, bytesText(bytesOut)];
}

/** Steps without a call have no point, and are blanks. */
function trendOf({ points = [] }: ShownGroup, { from, to, stepSeconds }: ShownAnswer): string {
  if (stepSeconds === null) return "";
  const [begin, end, step] = [Date.parse(from), Date.parse(to), stepSeconds * 1000];
  const values = Array.from({ length: Math.min(200, Math.ceil((end - begin) / step)) }, () => 0);
  for (const { start, calls } of points) values[Math.floor((Date.parse(start) - begin) / step)] = calls;
  return sparkline(values);
}

function footOf({ total, from, to, omitted, resolution, groups }: ShownAnswer, seconds: number): readonly string[] {
  const more = omitted === 0 ? "" : `; ${omitted} more not shown (--top)`;
  if (total.calls === 0) return [`no calls from ${from} to ${to}`];
  const [calls, rate] = numbersOf(total, seconds);
  const whole = groups.length > 1 ? `${calls} calls in all (${rate} per s), ` : "";
  return ["", `${whole}${from} to ${to}, by ${resolution}${more}`];
}
