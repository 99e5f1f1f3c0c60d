import type { Handover } from "#model/exchange.ts";
import { type Paint, printable } from "./terminal-text.ts";

/** One line a hand-over, and what it saw under it. */
export function handoverLines(handovers: readonly Handover[], brush: Paint): readonly string[] {
  if (handovers.length === 0) return ["  none: the request ended before the first door"];
  const width = Math.max(...handovers.map(({ step }) => printable(step).length));
  return handovers.flatMap((handover, index) => linesOf(handover, index + 1, width, brush));
}

function linesOf(handover: Handover, position: number, width: number, brush: Paint): readonly string[] {
  const { door, outcome, micros, reason, policy, detail } = handover;
  const what = `${String(position).padStart(3)}  ${door.padEnd(8)}  ${printable(handover.step).padEnd(width)}`;
  const how = colourOf(outcome, brush)(outcome.padEnd(8));
  const why = reason === undefined ? "" : `  ${brush.bad(printable(reason))}`;
  const where = policy === undefined ? "" : `  ${brush.dim(printable(policy))}`;
  const lines = [`${what}  ${how}  ${String(micros).padStart(7)} µs${why}${where}`];
  if (detail !== undefined) lines.push(`       saw: ${printable(detail)}`);
  return lines;
}

function colourOf(outcome: string, brush: Paint): (text: string) => string {
  return outcome === "passed" || outcome === "answered" ? brush.good : brush.bad;
}
