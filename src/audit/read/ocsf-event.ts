import type { StoredEvent } from "#model/record.ts";
import { actorOf } from "./ocsf-actor.ts";
import { ocsfMetadata } from "./ocsf-metadata.ts";

/** What was done to the gateway, as API Activity: it is what its own API does. */
export function ocsfOfEvent(record: StoredEvent): Readonly<Record<string, unknown>> {
  const { event, details, configHash, request, prev, hash } = record;
  const failed = event.endsWith(".failed") || event.endsWith(".rejected");
  return {
    category_uid: 6,
    category_name: "Application Activity",
    class_uid: 6003,
    class_name: "API Activity",
    activity_id: 99,
    activity_name: event,
    type_uid: 600_399,
    time: Date.parse(record.time),
    severity_id: event === "access.break-glass" ? 4 : 1,
    severity: event === "access.break-glass" ? "High" : "Informational",
    status_id: failed ? 2 : 1,
    status: failed ? "Failure" : "Success",
    message: event,
    metadata: ocsfMetadata(record, []),
    actor: actorOf(record),
    api: {
      operation: event,
      service: { name: "sallyport" },
      ...(request !== undefined && { request: { uid: request } }),
    },
    src_endpoint: { name: record.node },
    unmapped: { details, configHash, prev, hash },
  };
}
