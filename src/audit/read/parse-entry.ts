import type { StoredEvent, StoredRecord } from "#model/record.ts";
import { type AuditEntry, isControl, isEvent } from "#audit/entry.ts";
import { expandRecord, type Members } from "#audit/shared/expand-record.ts";
import { readReference } from "#audit/shared/reference.ts";

/** What stands in the line at an offset of a segment that records refer to; undefined: no such line is there. */
export type SharedOf = (segment: number, offset: number) => Members | undefined;

/**
 * Reads one line; of a short record, with what it refers to. Undefined for what is no entry: files may have been tampered
 * with, and asking must still answer. Whether the chain is whole is not looked at: that is `verifyAudit`'s work.
 */
export function parseEntry(line: string, shared: SharedOf): AuditEntry | undefined {
  try {
    const read = JSON.parse(line) as AuditEntry & Members;
    if (typeof read !== "object" || read === null || typeof read.seq !== "number") return undefined;
    const entry = "shared" in read ? expand(read, shared) : read;
    if (entry === undefined) return undefined;
    return isControl(entry) || isRecord(entry) ? entry : undefined;
  } catch {
    return undefined;
  }
}

function expand(short: Members, shared: SharedOf): AuditEntry | undefined {
  const reference = readReference(short["shared"]);
  const who = reference && shared(reference.segment, reference.who);
  const way = reference && shared(reference.segment, reference.way);
  return who && way && (expandRecord(short, who, way) as unknown as AuditEntry | undefined);
}

/** The members that every reader relies on. */
function isRecord(entry: StoredRecord | StoredEvent): boolean {
  if (typeof entry.id !== "string" || !isObject(entry.principal)) return false;
  if (isEvent(entry)) return typeof entry.event === "string" && isObject(entry.details);
  return Array.isArray(entry.handovers) && Array.isArray(entry.reasons);
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}
