import { recordUid } from "#audit/record-uid.ts";
import type { Found } from "./search-query.ts";

/** The first one in which agents of AI have a place. @see https://schema.ocsf.io/1.9.0 */
const version = "1.9.0";

/** Which line of which record an event was made of. @see https://schema.ocsf.io/1.9.0/objects/metadata */
export function ocsfMetadata(record: Found, profiles: readonly string[]): Readonly<Record<string, unknown>> {
  const { id, seq, node, time, environment } = record;
  return {
    version,
    product: { name: "Sallyport", vendor_name: "Sallyport", feature: { name: "audit" } },
    profiles: ["security_control", "trace", ...profiles],
    uid: recordUid(record),
    correlation_uid: id,
    sequence: seq,
    log_name: "audit",
    log_provider: node,
    original_time: time,
    labels: [`environment:${environment}`],
  };
}
