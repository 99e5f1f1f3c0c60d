import { isEvent } from "./entry.ts";
import type { StoredEvent, StoredRecord } from "#model/record.ts";

/**
 * What tells a record from all others, for whoever leaves out copies: its id, and for one that tells of a request before
 * its end the stage as well. By the id alone the end would be taken for a copy of the beginning.
 */
export function recordUid(record: StoredRecord | StoredEvent): string {
  return isEvent(record) || record.stage === undefined ? record.id : `${record.id}.${record.stage}`;
}
