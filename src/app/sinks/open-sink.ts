import { randomInt } from "node:crypto";
import { ocsfOf } from "#audit/read/ocsf.ts";
import type { Found } from "#audit/read/search-query.ts";
import { CursorFile } from "#audit/sinks/cursor-file.ts";
import { Sink, type SinkNews } from "#audit/sinks/sink.ts";
import { GatewayError } from "#model/errors.ts";
import type { Clock, Egress } from "#model/ports.ts";
import type { RecordSinkSettings } from "#model/sinks.ts";
import { compileRecordFilter } from "#notation/cel/record-filter.ts";
import type { ResourceFacts } from "#telemetry/otlp/resource.ts";
import { batchBytes, deliveryOf } from "./deliveries.ts";
import type { SinksStart } from "./messages.ts";

export interface SinkPorts {
  readonly egress: Egress;
  readonly clock: Clock;
  readonly resource: ResourceFacts;
  readonly onNews: (news: SinkNews) => void;
}

const randomRange = 2 ** 32;

export function openSink(settings: RecordSinkSettings, { directory, cursors }: SinksStart, ports: SinkPorts): Sink {
  const { name, format, from, everyMs, records, timeoutMs, ca } = settings;
  const { egress, clock, resource, onNews } = ports;
  return new Sink({
    directory,
    cursor: new CursorFile(cursors, name),
    from,
    matches: matcherOf(settings.filter),
    textOf: ({ line, record }) => (format === "ocsf" ? JSON.stringify(ocsfOf(record)) : line),
    deliver: deliveryOf(settings, { egress, clock, timeoutMs, ca }, resource),
    most: { records, bytes: batchBytes(settings) },
    everyMs,
    clock,
    random: () => randomInt(randomRange) / randomRange,
    onNews,
  });
}

function matcherOf(filter: string | null): (record: Found) => boolean {
  if (filter === null) return () => true;
  const compiled = compileRecordFilter(filter);
  // The definition was checked: it was compiled then.
  if (!compiled.ok) throw new GatewayError("internal", 500, `the filter of a sink: ${compiled.problem.message}`);
  return (record) => compiled.filter.matches(record as unknown as Readonly<Record<string, unknown>>);
}
