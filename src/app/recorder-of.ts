import { createRecorder, type Recorder } from "#audit/record.ts";
import type { Snapshot } from "#model/snapshot.ts";

/** Writes the records of exchanges that ran under a snapshot. */
export function recorderOf(
  { environment, hash, audit }: Pick<Snapshot, "environment" | "hash" | "audit">,
  keyQueries: readonly string[],
  node: string,
): Recorder {
  // On a request without a route nobody knows which API's key it carries: all their names are hidden.
  const redactQuery = [...audit.redactQuery, ...keyQueries];
  return createRecorder({ environment, node, configHash: hash, redactQuery });
}
