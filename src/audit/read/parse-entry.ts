import type { StoredEvent, StoredRecord } from "#model/record.ts";
import { type AuditEntry, isControl, isEvent } from "#audit/entry.ts";

/**
 * Reads one line. Undefined for what is no entry: files may have been tampered with, and asking must still answer.
 * Whether the chain is whole is not looked at: that is `verifyAudit`'s work.
 */
export function parseEntry(line: string): AuditEntry | undefined {
  try {
    const entry = JSON.parse(line) as AuditEntry;
    if (typeof entry !== "object" || entry === null || typeof entry.seq !== "number") return undefined;
    return isControl(entry) || isRecord(entry) ? entry : undefined;
  } catch {
    return undefined;
  }
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
