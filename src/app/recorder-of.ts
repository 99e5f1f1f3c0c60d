import { createRecorder, type Recorder } from "#audit/record.ts";
import type { Snapshot } from "#model/snapshot.ts";

/** Writes the records of exchanges that ran under a snapshot. */
export function recorderOf(snapshot: Snapshot, node: string): Recorder {
  const { environment, hash, audit, apis } = snapshot;
  // On a request without a route nobody knows which API's key it carries: all their names are hidden.
  const redactQuery = [...audit.redactQuery, ...apis.map((api) => api.subscriptionKey.query)];
  return createRecorder({ environment, node, configHash: hash, redactQuery });
}
