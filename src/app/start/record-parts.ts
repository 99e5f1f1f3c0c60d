import { Analytics } from "#analytics/client.ts";
import { readCheckpoint } from "#audit/merkle/checkpoint.ts";
import type { ControlSnapshot } from "#app/definition/read-result.ts";
import type { Exchange } from "#model/exchange.ts";
import { attachRingWriter } from "#threads/ring-writer.ts";
import { createEgress } from "#upstream/egress-fetch.ts";
import { type AuditKeeper, openAudit } from "#app/audit-keeper.ts";
import { EventLog } from "#app/event-log.ts";
import { openLogKey } from "#app/log-key.ts";
import { witnessMetrics } from "#app/metrics/witness-metrics.ts";
import { recorderOf } from "#app/recorder-of.ts";
import { RecordSink } from "#app/record-sink.ts";
import { SinksKeeper } from "#app/sinks/keeper.ts";
import { TelemetryKeeper } from "#app/telemetry/keeper.ts";
import { packageVersion } from "#app/version.ts";
import { Witness } from "#app/witness/witness.ts";
import type { Base } from "./base.ts";

/** Workers count from 1. */
const mainGeneration = 0;

/** The record, and who is told of it. */
export interface RecordParts {
  readonly audit: AuditKeeper;
  readonly sinks: SinksKeeper;
  readonly analytics: Analytics;
  readonly telemetry: TelemetryKeeper;
  /** Of what main does itself. */
  readonly sink: RecordSink;
  readonly events: EventLog;
  /** Writes the record of a call of main's own. */
  readonly record: (exchange: Exchange) => void | Promise<void>;
}

/** @throws GatewayError `audit-unavailable` */
export async function openRecord(base: Base): Promise<RecordParts> {
  const { undo, clock, log, metrics, node, data, background, inForce, startedAt } = base;
  const { definition, ownAddresses } = inForce;
  const snapshot = inForce.compiled.control;
  const version = packageVersion();
  const key = await openLogKey({
    dataPath: data.path,
    auditPath: data.auditPath,
    node,
    secrets: base.secrets.files,
    random: base.random,
    log,
  });
  const sinks = new SinksKeeper({
    directory: data.auditPath,
    cursors: data.sinksPath,
    metrics,
    ownAddresses,
    version,
    node,
    clock,
    log,
    onHeld: (from) => audit.hold(from),
  });
  // Behind the record's end, so that what was written last is sent.
  undo.defer(() => sinks.close());
  const witness = await openWitness(base, snapshot);
  let signedLines = 0;
  // Behind the end of the record, whose last checkpoint it takes along.
  undo.defer(() => witness?.stop());
  const eventsReady = Promise.withResolvers<EventLog>();
  const heldFrom = await sinks.open(definition);
  const audit = await openAudit({ directory: data.auditPath, node, key, heldFrom, ...snapshot.audit }, log, metrics, {
    onDeath: base.broken.resolve,
    onCheckpoint: (note) => {
      signedLines = readCheckpoint(note)?.size ?? signedLines;
      witness?.offer(note);
    },
    onUntaken: (gone) => {
      const details = { names: sinks.noteGone(gone), segments: gone.segments, to: gone.upToSegment };
      void eventsReady.promise.then((ready) => ready.tell({ event: "sink.passed-over", details }));
    },
  });
  undo.defer(() => audit.close());
  metrics.collect(witnessMetrics(() => ({ signedLines, witness: witness?.state ?? null })));
  const analytics = openAnalytics(base);
  const telemetry = new TelemetryKeeper({ metrics, ownAddresses, version, node, startedAt, clock, log });
  background.tend();
  await background.use(definition);
  const { durability } = snapshot.audit;
  const sink = new RecordSink(attachRingWriter(audit.ringFor(mainGeneration)), clock, log, { durability });
  undo.defer(() => sink.settled());
  const events = openEvents(base, audit, sink);
  eventsReady.resolve(events);
  const record = (exchange: Exchange): void | Promise<void> => {
    const { compiled, redaction } = inForce;
    const own = sink.under(recorderOf(compiled.control, compiled.control.keyQueries, node, redaction));
    return (own.strict ?? own).finished(exchange);
  };
  return { audit, sinks, analytics, telemetry, sink, events, record };
}

async function openWitness({ data, clock, log }: Base, { audit }: ControlSnapshot): Promise<Witness | null> {
  if (audit.witness === null) return null;
  const egress = createEgress({ allow: [], ownAddresses: [], clock });
  const witness = new Witness({ settings: audit.witness, directory: data.auditPath, egress, clock, log });
  await witness.publishKey();
  return witness;
}

function openAnalytics({ undo, data, inForce, clock, log, metrics }: Base): Analytics {
  const analytics = new Analytics({
    path: data.analyticsPath,
    keep: inForce.definition.analytics,
    clock,
    log,
    onBeyond: (dimension, calls) => metrics.add("sallyport_analytics_other_total", { dimension }, calls),
    onLost: (calls) => metrics.add("sallyport_analytics_lost_total", {}, calls),
  });
  undo.defer(() => analytics.close());
  return analytics;
}

function openEvents({ inForce, node, newId, clock, log }: Base, audit: AuditKeeper, sink: RecordSink): EventLog {
  return new EventLog({
    sink,
    sync: () => audit.sync(),
    origin: () => {
      const { environment, hash } = inForce.compiled.control;
      return { environment, node, configHash: hash, redaction: inForce.redaction };
    },
    newId,
    clock,
    log,
  });
}
