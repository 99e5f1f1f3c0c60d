import { recordUid } from "#audit/record-uid.ts";
import type { ManagedIdentity } from "#model/managed-identity.ts";
import type { Clock } from "#model/ports.ts";
import { eventHubDelivery } from "#audit/sinks/event-hub.ts";
import { KafkaDelivery } from "#audit/sinks/kafka.ts";
import type { AddressesOf } from "#audit/sinks/kafka-gate.ts";
import { NatsDelivery, type NatsPorts } from "#audit/sinks/nats.ts";
import { eventHubAudience } from "#policy/event-queue.ts";
import { sharedAccessSignature } from "#policy/service-bus/shared-access.ts";
import type { Deliver, SentRecord } from "#audit/sinks/delivery.ts";
import { s3Delivery } from "#audit/sinks/s3.ts";
import { type CallPorts, webhookDelivery } from "#audit/sinks/webhook.ts";
import { isEvent } from "#audit/entry.ts";
import type { EventHubTarget, KafkaTarget, OtlpTarget, RecordSinkSettings } from "#model/sinks.ts";
import { type LoggedRecord, logRecordOf } from "#telemetry/log-records.ts";
import { OtlpExporter } from "#telemetry/otlp/exporter.ts";
import { type ResourceFacts, resourceOf, scope } from "#telemetry/otlp/resource.ts";
import { kafkaToken } from "./kafka-token.ts";

const mib = 1024 * 1024;

/** Bytes of one batch, before it is packed. */
export function batchBytes({ target }: RecordSinkSettings): number {
  if (target.kind === "s3") return 16 * mib;
  // What brokers take when nobody has told them otherwise, with room for what comes around it.
  if (target.kind === "kafka") return (mib * 3) / 4;
  // The same for the smallest tier of Event Hubs.
  return target.kind === "eventHub" ? mib / 8 : mib;
}

export interface Delivery {
  readonly send: Deliver;
  close?(): Promise<void>;
}

export interface DeliveryPorts extends CallPorts, NatsPorts {
  readonly clock: Clock;
  readonly identity: ManagedIdentity;
  /** @param isHere whether the definition's brokers are on this machine */
  readonly brokers: (isHere: boolean) => AddressesOf;
}

export function deliveryOf({ target }: RecordSinkSettings, ports: DeliveryPorts, resource: ResourceFacts): Delivery {
  switch (target.kind) {
    case "webhook":
      return { send: webhookDelivery(target, ports) };
    case "s3":
      return { send: s3Delivery(target, ports) };
    case "otlp":
      return { send: otlpDelivery(target, ports, resource) };
    case "nats":
      return new NatsDelivery(target, ports);
    case "kafka":
      return kafkaDelivery(target, ports, resource);
    case "eventHub":
      return { send: eventHubDelivery(target, () => tokenFor(target, ports), ports) };
  }
}

function kafkaDelivery(target: KafkaTarget, ports: DeliveryPorts, { node }: ResourceFacts): Delivery {
  // Names of other machines are for TLS alone, so that clear text says where they are.
  const addressesOf = ports.brokers(!target.secure);
  return new KafkaDelivery(target, { ...ports, addressesOf, token: kafkaToken(target, ports), node });
}

function tokenFor({ url, sender }: EventHubTarget, { identity, clock }: DeliveryPorts): string | Promise<string> {
  if (!("clientId" in sender)) return sharedAccessSignature(url.replace(/\/messages$/, ""), sender, clock.now());
  const token = identity.token(eventHubAudience, sender.clientId);
  return typeof token === "string" ? `Bearer ${token}` : token.then((text) => `Bearer ${text}`);
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
  const { time } = record;
  const id = recordUid(record);
  if (isEvent(record)) {
    return { id, time, text, event: record.event, decision: undefined, status: undefined, traceparent: undefined };
  }
  const { decision, status, traceparent } = record;
  return { id, time, text, event: undefined, decision, status, traceparent };
}
