import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type AuditEntry, isControl } from "#audit/entry.ts";
import { parseEntry } from "#audit/read/parse-entry.ts";
import type { Members } from "#audit/shared/expand-record.ts";
import type { StoredRecord } from "#model/record.ts";
import type { TestGateway } from "./gateway.ts";

/** The records of requests as they stand on the disk by now, oldest first, each whole. */
export function recordsOf({ data }: Pick<TestGateway, "data">): readonly StoredRecord[] {
  const folder = join(data, "audit");
  return readdirSync(folder)
    .filter((name) => name.endsWith(".jsonl"))
    .toSorted()
    .flatMap((name) => entriesIn(readFileSync(join(folder, name))))
    .filter((entry): entry is StoredRecord => !isControl(entry) && "handovers" in entry);
}

function entriesIn(text: Buffer): readonly AuditEntry[] {
  const shared = new Map<number, Members>();
  const entries: AuditEntry[] = [];
  for (let start = 0, end = text.indexOf(0x0a); end >= 0; end = text.indexOf(0x0a, start)) {
    const entry = parseEntry(text.toString("utf8", start, end), (_, offset) => shared.get(offset));
    if (entry !== undefined && isControl(entry) && entry.kind === "shared") shared.set(start, entry.members);
    if (entry !== undefined) entries.push(entry);
    start = end + 1;
  }
  return entries;
}
