import { RemoteCallers } from "#app/admin-remote.ts";
import { openConfiguration } from "#app/configuration-keeper.ts";
import type { Loaded } from "#app/definition/read-result.ts";
import { ExceptionWatch } from "#app/exception-watch.ts";
import { ConfigurationMeter } from "#app/metrics/configuration-meter.ts";
import { compiledOf, type Prepared, type Reloader } from "#app/reloader.ts";
import type { SecretKeeper } from "#app/secret-rotation/keeper.ts";
import { openSecretKeeper } from "#app/secret-rotation/open-keeper.ts";
import { VaultRefresh } from "#app/vault-refresh.ts";
import type { Base } from "./base.ts";
import type { Served, WorkerThreads } from "./worker-threads.ts";

/** What changes the definition, and who may. */
export interface ControlParts {
  /** Whoever calls over TCP; undefined where nobody does. */
  readonly callers: RemoteCallers | undefined;
  readonly secretKeeper: SecretKeeper;
  readonly configuration: Reloader;
  readonly meter: ConfigurationMeter;
}

export async function openControl(base: Base, threads: WorkerThreads, parts: Served): Promise<ControlParts> {
  const { undo, clock, log, metrics, data, options } = base;
  const { record } = parts;
  const callers = openCallers(base, parts);
  undo.defer(() => callers?.close());
  const secretKeeper = openSecrets(base, parts, (why) => configuration.reload(why, "gateway"));
  undo.defer(() => secretKeeper.stop());
  const prepare = (loaded: Loaded): Prepared => {
    const prepared = compiledOf(loaded);
    const use = { callers, secretKeeper };
    return { configHash: prepared.control.hash, commit: () => commit(base, threads, parts, use, loaded) };
  };
  const meter = new ConfigurationMeter(metrics, clock);
  const { events } = record;
  const configuration = await openConfiguration({ ...options, data, prepare, clock, log, meter, events });
  undo.defer(() => configuration.close());
  const refresh = new VaultRefresh(
    () => configuration.definition.usesVault,
    async () => {
      const outcome = await configuration.reload("values of vaults are read again", "gateway");
      return outcome.kind === "reloaded" ? outcome.warnings : null;
    },
    log,
  );
  undo.defer(() => refresh.stop());
  refresh.arm();
  const exceptionWatch = new ExceptionWatch(
    () => configuration.definition.exceptions ?? [],
    (why) => configuration.reload(why, "gateway"),
    clock,
  );
  undo.defer(() => exceptionWatch.stop());
  return { callers, secretKeeper, configuration, meter };
}

/** Main first, then the workers, all of whom have it when this resolves; then what grants on its terms. */
async function commit(
  base: Base,
  { pool, cache }: WorkerThreads,
  { record, switches, people, login, edge }: Served,
  { callers, secretKeeper }: Pick<ControlParts, "callers" | "secretKeeper">,
  loaded: Loaded,
): Promise<void> {
  const { definition: next } = loaded;
  const prepared = compiledOf(loaded);
  await people.keys.declare(next);
  void people.expiry.look();
  void people.keyKeeper.look();
  await edge.acme?.use(next.acmeServers);
  await edge.tls?.apply(next, prepared.control);
  await edge.tellListPlace(next, prepared.control);
  login.connections.use(next.connections);
  await switches.assertionKeys.use(next.assertion);
  base.inForce.use(next, prepared);
  void people.keyKeeper.judge();
  void secretKeeper.look();
  record.analytics.use(next.analytics);
  record.telemetry.use(next);
  record.sinks.use(next);
  await base.background.use(next);
  login.egress.close();
  login.groupLookups.use(next);
  login.login.use(next);
  callers?.use(next);
  cache.resize(prepared.control.cache.bytes);
  await pool.broadcast({ type: "snapshot", snapshot: prepared.packed });
  await people.access.use(next);
}

function openCallers({ inForce, clock, log }: Base, { people, login }: Served): RemoteCallers | undefined {
  const [listen] = inForce.bound.admin;
  if (listen === undefined) return undefined;
  const { keysOfCluster, groupLookups } = login;
  const { standing } = people;
  const groups = (): typeof groupLookups.groups => groupLookups.groups;
  return new RemoteCallers({ definition: inForce.definition, listen, clock, log, standing, keysOfCluster, groups });
}

function openSecrets(
  { options, data, secrets, inForce, newId, random, clock, log }: Base,
  { record, people, login }: Served,
  reload: (why: string) => ReturnType<Reloader["reload"]>,
): SecretKeeper {
  const { access, store } = people;
  return openSecretKeeper({
    dataPath: data.path,
    definitionFile: options.file,
    files: secrets.files,
    rotations: () => inForce.definition.secretRotations ?? [],
    backend: (wanted) => inForce.definition.backends.find(({ name }) => name === wanted),
    reload: async (why) => {
      const outcome = await reload(why);
      return outcome.kind === "reloaded" ? null : outcome.kind === "failed" ? outcome.message : "it has errors";
    },
    egress: login.egress,
    token: async (resource, clientId) => (await login.identity.find(resource, clientId)).token,
    announcements: access.settings,
    put: async (messages) => {
      await store.outbox.put(access.outbox.admit(messages));
      await access.outbox.look();
    },
    newId,
    events: record.events,
    random,
    clock,
    log,
  });
}
