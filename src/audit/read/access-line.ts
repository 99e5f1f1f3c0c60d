import { isEvent } from "#audit/entry.ts";
import type { StoredRecord } from "#model/record.ts";
import type { Found } from "./search-query.ts";

/** One request that is over, as a line of the access log; what does not apply is left out. */
export interface AccessLine {
  readonly time: string;
  readonly id: string;
  readonly client: string;
  readonly method: string;
  readonly host: string;
  readonly path: string;
  readonly query: string | undefined;
  readonly protocol: string;
  readonly status: number;
  readonly decision: "allow" | "deny";
  readonly reason: string | undefined;
  readonly api: string | undefined;
  readonly operation: string | undefined;
  readonly product: string | undefined;
  readonly subscription: string | undefined;
  readonly principal: string | undefined;
  readonly principalKind: string;
  readonly agent: string | undefined;
  readonly clientId: string | undefined;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly durationMs: number;
  readonly upstream: string | undefined;
  readonly upstreamStatus: number | undefined;
  readonly connectMs: number | undefined;
  readonly headersMs: number | undefined;
  readonly bodyMs: number | undefined;
  readonly traceparent: string | undefined;
}

/** Of the record of a request that is over; undefined for others. What the record does not hold, this cannot tell. */
export function accessLineOf(found: Found): AccessLine | undefined {
  return isEvent(found) || found.stage !== undefined ? undefined : lineOf(found);
}

function lineOf(record: StoredRecord): AccessLine {
  const { route, principal, upstream, reasons } = record;
  return {
    time: record.time,
    id: record.id,
    client: record.client,
    method: record.method,
    host: record.host,
    path: record.path,
    query: record.query,
    protocol: record.protocol,
    status: record.status,
    decision: record.decision,
    reason: reasons[0],
    api: route?.api,
    operation: route?.operation,
    product: record.product,
    subscription: record.subscription,
    principal: principal.id === "" ? undefined : principal.id,
    principalKind: principal.kind,
    agent: principal.agent,
    clientId: record.clientId,
    bytesIn: record.bytesIn,
    bytesOut: record.bytesOut,
    durationMs: record.durationMs,
    upstream: upstream?.name,
    upstreamStatus: upstream?.status,
    connectMs: upstream?.connectMs,
    headersMs: upstream?.headersMs,
    bodyMs: upstream?.bodyMs,
    traceparent: record.traceparent,
  };
}
