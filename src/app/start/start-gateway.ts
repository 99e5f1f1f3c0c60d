import type { GatewayOptions, ReadyInfo } from "#app/gateway.ts";
import { exceptionEvents } from "#app/exception-events.ts";
import { LeftEvents } from "#app/left-events.ts";
import { packageVersion } from "#app/version.ts";
import { openAdminParts } from "./admin-parts.ts";
import { type Base, openBase } from "./base.ts";
import { type ControlParts, openControl } from "./control-parts.ts";
import { openEdge } from "./edge-parts.ts";
import { openLogin } from "./login-parts.ts";
import { openPeopleParts } from "./people-parts.ts";
import { readyInfo } from "./ready-info.ts";
import { openRecord, type RecordParts } from "./record-parts.ts";
import { openSwitches } from "./switches.ts";
import { createWorkerThreads, type Served } from "./worker-threads.ts";

export interface RunningGateway {
  readonly ready: ReadyInfo;
  /** When the new definition cannot serve, the old one does, and the log says why. */
  reload(why: string): Promise<unknown>;
  stop(): Promise<void>;
  /** Resolves when the gateway cannot go on (the audit writer died): the caller stops it. */
  readonly broken: Promise<void>;
}

/**
 * Starts everything in the order it depends on: data folder, record, store, keys, certificates, ports, workers. A
 * failure undoes what was started: never a half-started gateway.
 *
 * @throws GatewayError `definition-invalid`, `data-locked`, `port-in-use`, `audit-unavailable`, `store-unavailable`, `store-corrupt`,
 *   `seal-key-missing`, `seal-key-refused`, `seal-key-wrong`, `seal-broken`
 */
export async function startGateway(options: GatewayOptions): Promise<RunningGateway> {
  await using undo = new AsyncDisposableStack();
  const base = await openBase(options, undo);
  const { definition, compiled } = base.inForce;
  const record = await openRecord(base);
  const threads = createWorkerThreads(base, record, () => parts);
  const { pool } = threads;
  const switches = openSwitches(base, record, pool);
  const people = await openPeopleParts(base, record, pool);
  const login = openLogin(base, record, pool, people, switches);
  const edge = await openEdge(base, record, pool);
  const parts: Served = { record, switches, people, login, edge };

  await switches.assertionKeys.use(definition.assertion);
  await pool.start();
  edge.listeners.check();
  await people.access.start();
  edge.tls?.start();
  await edge.tellListPlace(definition, compiled.control);

  const control = await openControl(base, threads, parts);
  const admin = await openAdminParts({ base, threads, parts, control });
  undo.defer(() => admin.close());
  await tellOfStart(base, record, control);
  record.telemetry.use(definition);
  record.sinks.use(definition);
  void control.secretKeeper.look();

  const kept = undo.move();
  return {
    ready: readyInfo(compiled.control, base.inForce.bound, base.workers, edge.tls?.rootFile),
    reload: (why) => control.configuration.reload(why, "file"),
    stop: () => {
      record.events.tell({ event: "gateway.stopping", details: {} });
      return kept.disposeAsync();
    },
    broken: base.broken.promise,
  };
}

/** Behind it what the run before has left to be told. */
async function tellOfStart(
  { undo, data, workers, log, inForce }: Base,
  { events }: RecordParts,
  { configuration }: ControlParts,
): Promise<void> {
  await events.record({
    event: "gateway.started",
    details: { version: packageVersion(), workers, configuration: configuration.running.entry.id },
  });
  if (configuration.changeAtStart !== undefined) await events.record(configuration.changeAtStart);
  for (const event of exceptionEvents(inForce.definition)) await events.record(event);
  const left = new LeftEvents(data.path, events, log);
  undo.defer(() => left.close());
  await left.look();
}
