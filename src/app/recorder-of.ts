import { createRecorder, type Recorder } from "#audit/record.ts";
import type { Redaction } from "#model/redaction.ts";
import type { Snapshot } from "#model/snapshot.ts";

/** Writes the records of exchanges that ran under a snapshot. */
export function recorderOf(
  { environment, hash, audit }: Pick<Snapshot, "environment" | "hash" | "audit">,
  keyQueries: readonly string[],
  node: string,
  redaction: Redaction,
): Recorder {
  // On a request without a route nobody knows which API's key it carries: all their names are hidden.
  const redactQuery = [...audit.redact.query, ...keyQueries];
  return createRecorder({ environment, node, configHash: hash, redactQuery, redaction });
}
