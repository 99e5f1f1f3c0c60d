import type { ControlEntry, GapCause, GapEntry } from "#audit/entry.ts";
import { type Paint, printable } from "./terminal-text.ts";

const causes: Readonly<Record<GapCause, string>> = {
  crash: "The gateway ended without closing the record. Requests of its last moments may be missing.",
  damaged:
    "The last lines of the segment were damaged. They were set aside, and the record goes on after the last good one.",
  "disk-failed": "The disk did not take records for longer than they could be held in memory.",
  "sync-failed": "A sync failed: records since the last good one are here, but may not survive a power cut.",
  "feed-full": "A worker made records faster than they could be written, and had to discard some.",
  "worker-ended":
    "A worker ended without warning. Requests that it had in flight, or had just answered, may be missing.",
  malformed: "A worker handed over something that was not a record, as when it dies while writing one.",
};

/** The chain's own lines. */
export function explainControl(entry: ControlEntry, brush: Paint): readonly string[] {
  const lines = bodyOf(entry, brush).map((line) => `  ${line}`);
  return [
    headline(entry, brush),
    ...lines,
    `  Line ${entry.seq}, ${printable(entry.time)}, node ${printable(entry.node)}`,
  ];
}

function headline(entry: ControlEntry, brush: Paint): string {
  if (entry.kind === "gap") return `${brush.bad("Gap")} in the record after line ${entry.afterSeq}`;
  if (entry.kind === "retired") return brush.strong(`${entry.segments} of the oldest segments were retired`);
  if (entry.kind === "segment") return brush.strong(`Segment ${entry.segment} begins`);
  if (entry.kind === "shared") return brush.strong("What records of this segment share");
  return brush.strong(entry.kind === "closed" ? "The record was closed in order" : "The record was signed");
}

function bodyOf(entry: ControlEntry, brush: Paint): readonly string[] {
  if (entry.kind === "gap") return gapLines(entry, brush);
  if (entry.kind === "retired") return [`Lines up to ${entry.upToSeq} are gone: ${entry.bytes} bytes`];
  return entry.kind === "checkpoint" ? entry.note.trimEnd().split("\n").map(printable) : [];
}

function gapLines({ why, lost, bytes, setAside, digest }: GapEntry, brush: Paint): readonly string[] {
  const lines = [Object.hasOwn(causes, why) ? causes[why] : printable(String(why))];
  if (lost !== undefined) lines.push(`Records known to be lost: ${brush.bad(String(lost))}`);
  if (bytes !== undefined && setAside === undefined) lines.push(`Half a line was cut off: ${bytes} bytes`);
  if (setAside !== undefined)
    lines.push(`Set aside: ${bytes} bytes in ${printable(setAside)}, SHA-256 ${printable(digest ?? "")}`);
  return lines;
}
