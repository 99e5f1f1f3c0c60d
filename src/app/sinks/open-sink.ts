import { randomInt } from "node:crypto";
import { ocsfOf } from "#audit/read/ocsf.ts";
import type { Found } from "#audit/read/search-query.ts";
import { CursorFile } from "#audit/sinks/cursor-file.ts";
import { Sink, type SinkNews } from "#audit/sinks/sink.ts";
import { GatewayError } from "#model/errors.ts";
import type { ManagedIdentity } from "#model/managed-identity.ts";
import type { Clock, Egress } from "#model/ports.ts";
import type { RecordSinkSettings } from "#model/sinks.ts";
import { compileRecordFilter } from "#notation/cel/record-filter.ts";
import type { ResourceFacts } from "#telemetry/otlp/resource.ts";
import { batchBytes, type Delivery, type DeliveryPorts, deliveryOf } from "./deliveries.ts";
import type { SinksStart } from "./messages.ts";

export interface SinkPorts {
  readonly egress: Egress;
  readonly clock: Clock;
  readonly resource: ResourceFacts;
  readonly identity: ManagedIdentity;
  readonly mayDial: (host: string, port: number) => Promise<void>;
  readonly brokers: DeliveryPorts["brokers"];
  readonly onNews: (news: SinkNews) => void;
}

const randomRange = 2 ** 32;

export interface OpenSink {
  readonly sink: Sink;
  readonly delivery: Delivery;
}

export function openSink(settings: RecordSinkSettings, { directory, cursors }: SinksStart, ports: SinkPorts): OpenSink {
  const { name, format, from, everyMs, records, timeoutMs, ca } = settings;
  const { clock, resource, onNews } = ports;
  const delivery = deliveryOf(settings, { ...ports, timeoutMs, ca }, resource);
  const sink = new Sink({
    directory,
    cursor: new CursorFile(cursors, name),
    from,
    matches: matcherOf(settings.filter),
    textOf: ({ line, record }) => (format === "ocsf" ? JSON.stringify(ocsfOf(record)) : line),
    deliver: delivery.send,
    most: { records, bytes: batchBytes(settings) },
    everyMs,
    clock,
    random: () => randomInt(randomRange) / randomRange,
    onNews,
  });
  return { sink, delivery };
}

function matcherOf(filter: string | null): (record: Found) => boolean {
  if (filter === null) return () => true;
  const compiled = compileRecordFilter(filter);
  // The definition was checked: it was compiled then.
  if (!compiled.ok) throw new GatewayError("internal", 500, `the filter of a sink: ${compiled.problem.message}`);
  return (record) => compiled.filter.matches(record as unknown as Readonly<Record<string, unknown>>);
}
