import type { Deliver, SentRecord } from "#audit/sinks/delivery.ts";
import { s3Delivery } from "#audit/sinks/s3.ts";
import { type CallPorts, webhookDelivery } from "#audit/sinks/webhook.ts";
import { isEvent } from "#audit/entry.ts";
import type { OtlpTarget, RecordSinkSettings } from "#model/sinks.ts";
import { type LoggedRecord, logRecordOf } from "#telemetry/log-records.ts";
import { OtlpExporter } from "#telemetry/otlp/exporter.ts";
import { type ResourceFacts, resourceOf, scope } from "#telemetry/otlp/resource.ts";

const mib = 1024 * 1024;

/** Bytes of one batch, before it is packed. */
export function batchBytes({ target }: RecordSinkSettings): number {
  return target.kind === "s3" ? 16 * mib : mib;
}

export function deliveryOf({ target }: RecordSinkSettings, ports: CallPorts, resource: ResourceFacts): Deliver {
  switch (target.kind) {
    case "webhook":
      return webhookDelivery(target, ports);
    case "s3":
      return s3Delivery(target, ports);
    case "otlp":
      return otlpDelivery(target, ports, resource);
  }
}

function otlpDelivery(target: OtlpTarget, { egress, clock, timeoutMs, ca }: CallPorts, facts: ResourceFacts): Deliver {
  // It only makes single tries, which nothing cuts off.
  const exporter = new OtlpExporter({ ...target, timeoutMs, ca }, egress, new AbortController().signal);
  const resource = resourceOf(facts);
  return async (records) => {
    const now = clock.now();
    const logRecords = records.map((one) => logRecordOf(loggedOf(one), now));
    const tree = { resourceLogs: [{ resource, scopeLogs: [{ scope, logRecords }] }] };
    const { taken, status, rejected, afterMs, why } = await exporter.once("logs", tree, records.length);
    if (taken) return { outcome: "taken", rejected, why: rejected > 0 ? why : null };
    if (status === 413) return { outcome: "too-large", why };
    return { outcome: "retry", why, ...(afterMs !== undefined && { afterMs }) };
  };
}

function loggedOf({ record, text }: SentRecord): LoggedRecord {
  const { id, time } = record;
  if (isEvent(record)) {
    return { id, time, text, event: record.event, decision: undefined, status: undefined, traceparent: undefined };
  }
  const { decision, status, traceparent } = record;
  return { id, time, text, event: undefined, decision, status, traceparent };
}
