import type { StoredEvent, StoredRecord } from "#model/record.ts";

/** `path` as in a record, `principal.subject`; a list holds the value among others. */
export interface Required {
  readonly path: string;
  readonly value: string | bigint;
}

/** What can be looked for: the record of a request, or an event. */
export type Found = StoredRecord | StoredEvent;

export interface SearchQuery {
  /** Made from this moment on, and before that one; milliseconds since the epoch. */
  readonly fromMs: number;
  readonly toMs: number;
  /** What every record that matches has: lets most of the record be left unread. */
  readonly required: readonly Required[];
  readonly matches: (record: Found) => boolean;
  readonly signal?: AbortSignal;
}
