import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openWriter, shortRecord } from "./doubles.ts";

export interface WrittenAudit {
  readonly folder: string;
  /** Lines of each segment, without their breaks. */
  readonly segments: readonly (readonly string[])[];
}

/** A closed record of several segments. */
export function writeAudit(folder: string, records = 30, segmentBytes = 3000): WrittenAudit {
  const writer = openWriter(folder, { segmentBytes });
  for (let count = 0; count < records; count += 1) writer.append(shortRecord(count, "x".repeat(count % 7)));
  writer.close();
  return { folder, segments: readSegments(folder) };
}

export function readSegments(folder: string): readonly (readonly string[])[] {
  const names = readdirSync(folder).toSorted();
  return names.map((name) => readFileSync(join(folder, name), "utf8").split("\n").slice(0, -1));
}

export function writeSegment(folder: string, segment: number, lines: readonly string[]): void {
  writeFileSync(join(folder, fileOf(segment)), lines.map((line) => `${line}\n`).join(""));
}

export function fileOf(segment: number): string {
  return `${String(segment).padStart(8, "0")}.jsonl`;
}
