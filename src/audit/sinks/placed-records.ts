import { isControl } from "#audit/entry.ts";
import { parseEntry } from "#audit/read/parse-entry.ts";
import { isShort } from "#audit/shared/reference.ts";
import type { Found } from "#audit/read/search-query.ts";
import type { RecordPlace, Stretch } from "#audit/read/stretch.ts";

export interface PlacedRecord {
  readonly record: Found;
  /** As it stands in the record, without its end; a short one written out. */
  readonly line: string;
  /** Where the next line begins. */
  readonly end: RecordPlace;
}

export interface PlacedRecords {
  readonly records: readonly PlacedRecord[];
  /** Hash of the last line; null: there is none. */
  readonly hash: string | null;
}

const lineBreak = 0x0a;

/** The records and events of a stretch. */
export function placedRecords({ text, shared, from: { segment, offset } }: Stretch): PlacedRecords {
  const records: PlacedRecord[] = [];
  let hash: string | null = null;
  for (let start = 0; start < text.length;) {
    const stop = text.indexOf(lineBreak, start);
    if (stop < 0) break;
    const line = text.toString("utf8", start, stop);
    const from = start;
    start = stop + 1;
    const entry = parseEntry(line, shared.of);
    hash = entry?.hash ?? null;
    if (entry === undefined || isControl(entry)) continue;
    // A short one speaks of lines that its receiver does not have.
    const whole = isShort(text, from, stop) ? JSON.stringify(entry) : line;
    records.push({ record: entry, line: whole, end: { segment, offset: offset + start } });
  }
  return { records, hash };
}
