import { GatewayError } from "#model/errors.ts";
import { CacheOwner } from "#threads/cache-owner.ts";
import { serveControlCalls } from "#threads/control-calls.ts";
import { cacheHandlers } from "#app/cache-handlers.ts";
import { endedConnections } from "#app/ended-connections.ts";
import type { WorkerCalls, WorkerStart } from "#app/messages.ts";
import { addCacheProblems } from "#app/metrics/cache-metrics.ts";
import { addPolicyMetrics } from "#app/metrics/policy-metrics.ts";
import { addRequests } from "#app/metrics/request-metrics.ts";
import { clearDeadLocks, createSharedCounters } from "#app/shared-tables.ts";
import { createWorkerPool, type WorkerPool } from "#app/worker-pool.ts";
import { WorkerReserve } from "#app/worker-reserve.ts";
import type { Base } from "./base.ts";
import type { EdgeParts } from "./edge-parts.ts";
import type { LoginParts } from "./login-parts.ts";
import type { PeopleParts } from "./people-parts.ts";
import type { RecordParts } from "./record-parts.ts";
import type { Switches } from "./switches.ts";

/** What workers start with and ask main for. */
export interface Served {
  readonly record: RecordParts;
  readonly switches: Switches;
  readonly people: PeopleParts;
  readonly login: LoginParts;
  readonly edge: EdgeParts;
}

export interface WorkerThreads {
  readonly pool: WorkerPool;
  readonly counters: ReturnType<typeof createSharedCounters>;
  readonly cache: CacheOwner;
}

/** The workers, none of which has started. @param served asked once they do: most of it tells them what changes */
export function createWorkerThreads(base: Base, record: RecordParts, served: () => Served): WorkerThreads {
  const { options, clock, random, log, metrics, workers: count, inForce } = base;
  const counters = createSharedCounters(clock, random, count);
  const cache = new CacheOwner(counters.cacheVersions, inForce.compiled.control.cache.bytes, () => clock.now());
  let generations = 0;
  metrics.add("sallyport_worker_restarts_total", {}, 0);
  const pool = createWorkerPool({
    count,
    reserve: options.reserve ?? new WorkerReserve(),
    log,
    nextGeneration: () => (generations += 1),
    startData: (index, generation, control) => ({
      ...startFacts(base, served()),
      index,
      generation,
      shared: { ...counters, ...sharedTables(served(), generation) },
      control,
    }),
    serve: (port) => serveControlCalls<WorkerCalls>(port, { ...callsOf(served()), ...cacheHandlers(cache) }),
    onDeath: (generation, crashed) => {
      clearDeadLocks(counters, generation);
      record.audit.retire(generation, crashed);
    },
    onRequests: (news) => addRequests(metrics, news),
    onEmitted: (news) => addPolicyMetrics(metrics, news),
    onCacheProblems: (problems) => addCacheProblems(metrics, problems),
    onShadow: (news) => served().switches.shadowReport.add(news),
    onTrace: (trace) => served().switches.traces.keep(trace),
    onUserSeen: (user) => served().people.people.provisioning.seen(user),
    onConnectionsEnded: endedConnections(record.events, metrics),
    onClientIssuer: (der) => served().edge.statuses.learn(der),
    onRestart: () => metrics.add("sallyport_worker_restarts_total", {}),
  });
  return { pool, counters, cache };
}

type PerThread = "index" | "generation" | "shared" | "control";

function startFacts(base: Base, { record, switches, people, edge }: Served): Omit<WorkerStart, PerThread> {
  const { tls } = edge;
  return {
    count: base.workers,
    node: base.node,
    startedAt: base.startedAt,
    snapshot: base.inForce.compiled.packed,
    ...edge.listeners.forWorker(),
    sockets: edge.ownSockets,
    reusePort: base.workers > 1,
    certificates: tls?.certificates() ?? [],
    internalRoots: tls?.roots() ?? "",
    revoked: tls?.issuer.revoked ?? [],
    revocations: people.revocations.known.all(),
    challenges: tls?.challenges() ?? { http: [], alpn: [] },
    staples: tls?.staples() ?? [],
    ticketKeys: edge.ticketKeys.current,
    assertionKey: switches.assertionKeys.current,
    pepper: base.secrets.pepper,
    grants: people.access.grants(),
    debugCredentials: switches.traces.credentials,
    logLevel: base.options.logLevel,
    apiLevels: switches.logLevels.levels,
    analytics: record.analytics.portFor(),
    telemetry: record.telemetry.portFor(),
  };
}

type OwnTables = Pick<WorkerStart["shared"], "keys" | "users" | "ring">;

function sharedTables({ record, people }: Served, generation: number): OwnTables {
  return {
    keys: people.keys.handle,
    users: people.people.directory.handle,
    ring: record.audit.ringFor(generation),
  };
}

type Handlers = Parameters<typeof serveControlCalls<WorkerCalls>>[1];

function callsOf({ people, login, edge }: Served): Omit<Handlers, keyof ReturnType<typeof cacheHandlers>> {
  const { tls, acme } = edge;
  return {
    "quota.lease": ({ counter, windowStart, amount, limit, windowEnd }) =>
      people.store.quotas.lease(counter, windowStart, amount, limit, windowEnd),
    "acme.request": ({ server, request }) => {
      if (acme === undefined) throw new GatewayError("internal", 500, "there is no internal CA");
      return acme.handle(server, request);
    },
    "site.request": (request) => login.site.handle(request),
    "cluster.keys": ({ provider }) => login.keysOfCluster(provider),
    "groups.find": (question) => login.groupLookups.find(question),
    "session.find": (question) => login.login.sessions.find(question),
    "certificate.demand": ({ name }) => tls?.certificateFor(name) ?? null,
    "certificate.list": ({ issuer }) => tls?.issuer.revocationList(issuer) ?? null,
    "certificate.status": ({ path }) => edge.statuses.of(path),
    "connection.token": ({ provider, name, subject }) => login.connections.find(provider, name, subject),
    "managed-identity.token": ({ resource, clientId }) => login.identity.find(resource, clientId),
  };
}
