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
  const isIntent = record.stage === "intent";
  return {
    ...activity,
    type_uid: activity.class_uid * 100 + activity.activity_id,
    time: Date.parse(record.time),
    ...severityOf(record),
    ...outcomeOf(record),
    ...(record.reasons.length > 0 && { status_detail: record.reasons.join(", ") }),
    duration: Math.round(record.durationMs),
    message: `${record.method} ${record.host}${record.path}: ${isIntent ? "about to go on" : `${record.decision}, status ${record.status}`}`,
    metadata: ocsfMetadata(record, profiles),
    actor: actorOf(record),
    ...(agent !== undefined && { ai_agent: agent }),
    ...(route !== undefined && { api: apiOf(record, route) }),
    src_endpoint: record.client === "" ? { name: "unix socket" } : { ip: record.client },
    ...(record.upstream !== undefined && { dst_endpoint: endpointOf(record.upstream) }),
    http_request: requestOf(record),
    ...(!isIntent && { http_response: httpResponseOf(record) }),
    ...(isHttp && { traffic: { bytes_in: record.bytesIn, bytes_out: record.bytesOut } }),
    ...(isHttp && record.tls !== undefined && { tls: tlsOf(record.tls) }),
    ...traceOf(record),
    unmapped: unmappedOf(record, isHttp),
  };
}

/** Of an intent nothing is known yet. */
function outcomeOf({ stage, decision, status }: StoredRecord): Readonly<Record<string, unknown>> {
  if (stage === "intent") {
    const unknown = "Unknown";
    return { status_id: 0, status: unknown, action_id: 0, action: unknown, disposition_id: 0, disposition: unknown };
  }
  const failed = decision === "deny" || status >= 400;
  const allowed = decision === "allow";
  return {
    status_id: failed ? 2 : 1,
    status: failed ? "Failure" : "Success",
    status_code: String(status),
    action_id: allowed ? 1 : 2,
    action: allowed ? "Allowed" : "Denied",
    disposition_id: allowed ? 1 : 2,
    disposition: allowed ? "Allowed" : "Blocked",
  };
}

function httpResponseOf({ status, durationMs, bytesOut }: StoredRecord): unknown {
  return { code: status, latency: Math.round(durationMs), length: bytesOut };
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
  const { handovers, configHash, subscription, oldKey, product, tokenId, tokenDigest, askedBy, stage, hash, prev } =
    record;
  return {
    handovers: handovers satisfies readonly Handover[],
    configHash,
    subscription,
    oldKey,
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
