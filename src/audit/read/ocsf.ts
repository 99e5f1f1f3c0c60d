import type { Handover } from "#model/exchange.ts";
import { isEvent } from "#audit/entry.ts";
import type { StoredRecord } from "#model/record.ts";
import { ocsfOfEvent } from "./ocsf-event.ts";
import { ocsfMetadata } from "./ocsf-metadata.ts";
import type { Found } from "./search-query.ts";
import { apiActivity, httpActivity } from "./ocsf-activity.ts";
import { actorOf, agentOf } from "./ocsf-actor.ts";

/**
 * A record as an event of the Open Cybersecurity Schema Framework: API Activity (6003) where an API was called, HTTP
 * Activity (4002) where no operation was found. What has no place there is in `unmapped`, so nothing is lost.
 */
export function ocsfOf(record: Found): Readonly<Record<string, unknown>> {
  return isEvent(record) ? ocsfOfEvent(record) : ocsfOfRequest(record);
}

function ocsfOfRequest(record: StoredRecord): Readonly<Record<string, unknown>> {
  const { route } = record;
  const activity = route === undefined ? httpActivity(record.method) : apiActivity(record.method);
  const agent = agentOf(record);
  // Elsewhere these two are no attributes of the class.
  const isHttp = route === undefined;
  const profiles = [...(isHttp ? ["host"] : []), ...(agent === undefined ? [] : ["ai_operation"])];
  const failed = record.decision === "deny" || record.status >= 400;
  return {
    ...activity,
    type_uid: activity.class_uid * 100 + activity.activity_id,
    time: Date.parse(record.time),
    ...severityOf(record),
    status_id: failed ? 2 : 1,
    status: failed ? "Failure" : "Success",
    status_code: String(record.status),
    ...(record.reasons.length > 0 && { status_detail: record.reasons.join(", ") }),
    action_id: record.decision === "allow" ? 1 : 2,
    action: record.decision === "allow" ? "Allowed" : "Denied",
    disposition_id: record.decision === "allow" ? 1 : 2,
    disposition: record.decision === "allow" ? "Allowed" : "Blocked",
    duration: Math.round(record.durationMs),
    message: `${record.method} ${record.host}${record.path}: ${record.decision}, status ${record.status}`,
    metadata: ocsfMetadata(record, profiles),
    actor: actorOf(record),
    ...(agent !== undefined && { ai_agent: agent }),
    ...(route !== undefined && { api: apiOf(record, route) }),
    src_endpoint: record.client === "" ? { name: "unix socket" } : { ip: record.client },
    ...(record.upstream !== undefined && { dst_endpoint: endpointOf(record.upstream) }),
    http_request: requestOf(record),
    http_response: { code: record.status, latency: Math.round(record.durationMs), length: record.bytesOut },
    ...(isHttp && { traffic: { bytes_in: record.bytesIn, bytes_out: record.bytesOut } }),
    ...(isHttp && record.tls !== undefined && { tls: tlsOf(record.tls) }),
    ...traceOf(record),
    unmapped: unmappedOf(record, isHttp),
  };
}

/** A refusal is worth a look, a failure behind the gateway more so. */
function severityOf({ decision, status }: StoredRecord): Readonly<Record<string, unknown>> {
  if (status >= 500) return { severity_id: 3, severity: "Medium" };
  if (decision === "deny") return { severity_id: 2, severity: "Low" };
  return { severity_id: 1, severity: "Informational" };
}

function apiOf(record: StoredRecord, { api, operation }: NonNullable<StoredRecord["route"]>): unknown {
  const [reason] = record.reasons;
  return {
    operation,
    service: { name: api },
    request: { uid: record.id },
    response: { code: record.status, ...(reason !== undefined && { error: reason }) },
  };
}

/** `127.0.0.1:9001`, `[::1]:9001`, or the path of a socket. */
function endpointOf({ name, address }: NonNullable<StoredRecord["upstream"]>): unknown {
  const match = /^\[?([0-9a-fA-F.:]+)\]?:(\d{1,5})$/.exec(address);
  return { name, ...(match === null ? { svc_name: address } : { ip: match[1], port: Number(match[2]) }) };
}

function requestOf({ id, method, host, path, query, protocol }: StoredRecord): unknown {
  return {
    uid: id,
    http_method: method,
    version: protocol,
    url: { hostname: host, path, ...(query !== undefined && { query_string: query }) },
  };
}

function tlsOf({ version, cipher }: NonNullable<StoredRecord["tls"]>): unknown {
  return { version, cipher };
}

/** @see https://www.w3.org/TR/trace-context/#traceparent-header */
function traceOf({ traceparent, time, durationMs }: StoredRecord): Readonly<Record<string, unknown>> {
  const [, traceId, spanId] = traceparent?.split("-") ?? [];
  if (traceId === undefined || spanId === undefined) return {};
  const start = Date.parse(time);
  return {
    trace: { uid: traceId, span: { uid: spanId, start_time: start, end_time: start + Math.round(durationMs) } },
  };
}

function unmappedOf(record: StoredRecord, isHttp: boolean): Readonly<Record<string, unknown>> {
  const { handovers, configHash, subscription, product, tokenId, tokenDigest, askedBy, stage, hash, prev } = record;
  return {
    handovers: handovers satisfies readonly Handover[],
    configHash,
    subscription,
    product,
    tokenId,
    tokenDigest,
    askedBy,
    stage,
    tls: isHttp ? record.tls?.certificate : record.tls,
    bytesIn: isHttp ? undefined : record.bytesIn,
    prev,
    hash,
  };
}
