import { ceilTo, floorTo, type Keep, type Level, levelMs } from "#analytics/levels.ts";
import type { Question } from "#analytics/question.ts";

/** Rows of one level within a time. */
export interface Span {
  readonly level: Level;
  readonly from: number;
  readonly to: number;
}

export interface Plan {
  readonly from: number;
  readonly to: number;
  readonly resolution: Level;
  readonly step: number | null;
  /** Together they hold each count once. */
  readonly spans: readonly Span[];
}

const levels: readonly Level[] = ["minute", "hour", "day"];
/** Without a step, as finely as this many rows a series allow. */
const minutesAtMost = 6 * levelMs.hour;
const hoursAtMost = 14 * levelMs.day;

/** Which rows answer a question: the finest level that its step, its length and what is still kept allow. */
export function planOf(
  { from, to, step }: Pick<Question, "from" | "to" | "step">,
  marks: { readonly hour: number; readonly day: number },
  keep: Keep,
  now: number,
): Plan {
  const resolution = levels.find((level) => suits(level, from, to, step, keep, now)) ?? "day";
  const ms = levelMs[resolution];
  const bounds = { from: floorTo(from, ms), to: ceilTo(to, ms) };
  return {
    ...bounds,
    resolution,
    step: step === null ? null : ceilTo(step, ms),
    spans: spansOf(resolution, bounds, marks),
  };
}

function suits(level: Level, from: number, to: number, step: number | null, keep: Keep, now: number): boolean {
  if (from < now - keep[level] && level !== "day") return false;
  const wide = to - from > (level === "minute" ? minutesAtMost : hoursAtMost);
  if (step === null) return level === "day" || !wide;
  // A coarser level with the same steps has the same answer, and fewer rows.
  const coarser = levels.slice(levels.indexOf(level) + 1).find((one) => step % levelMs[one] === 0);
  return !(wide && coarser !== undefined);
}

function spansOf(
  resolution: Level,
  { from, to }: { readonly from: number; readonly to: number },
  { hour, day }: { readonly hour: number; readonly day: number },
): readonly Span[] {
  if (resolution === "minute") return [{ level: "minute", from, to }];
  const days = resolution === "day" ? Math.min(day, hour) : 0;
  const spans: readonly Span[] = [
    { level: "day", from, to: Math.min(to, days) },
    { level: "hour", from: Math.max(from, days), to: Math.min(to, hour) },
    { level: "minute", from: Math.max(from, hour, days), to },
  ];
  return spans.filter((span) => span.from < span.to);
}
