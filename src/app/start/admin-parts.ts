import type { CertificateRow } from "#admin/certificate-row.ts";
import type { AdminPorts, LogLevelsPort, StatusFacts, TracingPort, UpstreamStates } from "#admin/ports.ts";
import type { SubscriptionScope } from "#model/definition.ts";
import { keyReports } from "#products/key-reports.ts";
import { RevocationUseCases } from "#products/revocations.ts";
import { rotationPlan } from "#products/rotation-plan.ts";
import { type Offer, Subscriptions } from "#products/subscriptions.ts";
import { OpenSessions } from "#site/sessions/open-sessions.ts";
import { type AdminKeeper, openAdmin } from "#app/admin-keeper.ts";
import { statusOf } from "#app/admin-state.ts";
import { clientRows } from "#app/certificate-rows.ts";
import { type ControlDefinition, hasOperation } from "#app/definition/read-result.ts";
import { accessMetrics } from "#app/metrics/access-metrics.ts";
import { auditMetrics } from "#app/metrics/audit-metrics.ts";
import { certificateMetrics } from "#app/metrics/certificate-metrics.ts";
import { gatewayMetrics } from "#app/metrics/gateway-metrics.ts";
import { identityMetrics } from "#app/metrics/identity-metrics.ts";
import { upstreamMetrics } from "#app/metrics/upstream-metrics.ts";
import { upstreamStates } from "#app/upstream-states.ts";
import { packageVersion } from "#app/version.ts";
import type { Base } from "./base.ts";
import type { ControlParts } from "./control-parts.ts";
import type { Served, WorkerThreads } from "./worker-threads.ts";

/** For what workers are asked when somebody looks. */
const gatherMs = 1000;

/** All that the admin API looks at and changes. */
export interface AdminParts {
  readonly base: Base;
  readonly threads: WorkerThreads;
  readonly parts: Served;
  readonly control: ControlParts;
}

/** The admin API, and what metrics tell. @throws GatewayError `store-unavailable`, `store-corrupt` */
export async function openAdminParts(all: AdminParts): Promise<AdminKeeper> {
  const { base, parts, control } = all;
  const { record, edge } = parts;
  const upstreams = async (): Promise<UpstreamStates> => {
    const states = await all.threads.pool.gather({ type: "target-status" }, gatherMs);
    return upstreamStates(base.inForce.compiled.control, base.workers, states);
  };
  const certificates = (): readonly CertificateRow[] =>
    edge.tls?.rows() ?? clientRows(control.configuration.definition.namedCertificates, base.clock.now());
  const looks = { upstreams, certificates };
  collectMetrics(all, looks);
  return openAdmin({
    dataPath: base.data.path,
    caPath: base.data.caPath,
    internalCa: edge.tls?.issuer,
    secrets: base.secrets.files,
    definition: base.inForce.definition,
    listen: base.inForce.bound.admin[0],
    callers: control.callers,
    ports: portsOf(all, looks),
    record: record.record,
    events: record.events,
    canRecord: () => record.sink.admission === "take",
    newId: base.newId,
    clock: base.clock,
    random: base.random,
    log: base.log,
  });
}

type Looks = Pick<AdminPorts, "upstreams" | "certificates">;

function collectMetrics({ base, threads, parts, control }: AdminParts, { upstreams, certificates }: Looks): void {
  const { metrics, startedAt, workers } = base;
  const { pool, counters } = threads;
  const { record, people } = parts;
  metrics.collect(gatewayMetrics({ version: packageVersion(), startedAt, workers, listening: () => pool.listening }));
  metrics.collect(auditMetrics(() => record.audit.status));
  metrics.collect(identityMetrics(people.revocations.known, counters));
  metrics.collect((gauges) => control.meter.collect(gauges, control.configuration.running.entry.id));
  metrics.collect(upstreamMetrics(upstreams));
  metrics.collect(accessMetrics(people.store.access, people.store.outbox));
  metrics.collect(certificateMetrics(certificates));
}

function portsOf(all: AdminParts, { upstreams, certificates }: Looks): Omit<AdminPorts, "authenticate"> {
  const { base, parts, control } = all;
  const { clock, metrics, options } = base;
  const { record, switches, people, login, edge } = parts;
  const { configuration } = control;
  const { store, access, revocations } = people;
  return {
    configuration,
    entry: options.entry,
    status: () => statusFacts(all),
    metrics: (format) => metrics.text(format),
    certificates,
    internalRoots: () => edge.tls?.roots() ?? "",
    upstreams,
    access: access.requests,
    announcements: access.announcements,
    products: () => configuration.definition.products,
    keyReports: keyReports(store.subscriptions, clock, () => rotationPlan(configuration.definition)),
    tracing: tracingOf(all),
    shadow: switches.shadowReport,
    logLevels: logLevelsOf(all),
    analytics: { ask: (question) => record.analytics.ask(question), now: clock.now },
    subscriptions: subscriptionsOf(all),
    keyRotations: people.keyKeeper.rotations,
    secrets: control.secretKeeper,
    sessions: new OpenSessions(store.sessions, login.login.sessions, login.publishSessions),
    revocations: new RevocationUseCases({
      store: store.revocations,
      clock,
      onChange: (change) => revocations.follow(change),
      all: () => revocations.known.all(),
    }),
    users: people.people.users,
  };
}

function statusFacts({ base, control }: AdminParts): StatusFacts {
  const { inForce, workers, node, startedAt, clock } = base;
  return {
    ...statusOf(inForce.compiled.control, inForce.bound, workers),
    node,
    production: control.configuration.definition.production,
    startedAt: new Date(startedAt).toISOString(),
    uptimeSeconds: Math.floor((clock.now() - startedAt) / 1000),
  };
}

function tracingOf({ base, parts: { switches } }: AdminParts): TracingPort {
  const { traces } = switches;
  return {
    apis: () => base.inForce.definition.apiNames,
    issue: (api, lifeMs) => traces.issue(api, lifeMs),
    credentials: () => traces.credentials,
    end: (id) => traces.end(id),
    traces: () => traces.traces,
    find: (id) => traces.find(id),
  };
}

function logLevelsOf({ base, parts: { switches } }: AdminParts): LogLevelsPort {
  const { logLevels } = switches;
  return {
    usual: base.options.logLevel,
    apis: () => base.inForce.definition.apiNames,
    levels: () => logLevels.levels,
    hasOperation: (api, operation) => hasOperation(base.inForce.definition, api, operation),
    set: (api, operation, level, lifeMs) => logLevels.set(api, operation, level, lifeMs),
    reset: (api, operation) => logLevels.reset(api, operation),
  };
}

function subscriptionsOf({ base, parts: { people }, control: { configuration } }: AdminParts): Subscriptions {
  const { store, hasher, followKeys, expiry } = people;
  return new Subscriptions({
    store: store.subscriptions,
    hasher,
    random: base.random,
    clock: base.clock,
    offerOf: (scope) => offerOf(configuration.definition, scope),
    userOf: (id) => store.users.get(id),
    onKeys: followKeys,
    onEnd: () => void expiry.look(),
  });
}

/** What a product says of subscriptions to it; everything else is there for whoever asks. */
function offerOf({ products, apiNames }: ControlDefinition, scope: SubscriptionScope): Offer | null {
  if (scope.kind === "product") return products.find(({ name }) => name === scope.product) ?? null;
  const exists = scope.kind === "all" || apiNames.includes(scope.api);
  return exists ? { approvalRequired: false, subscriptionsLimit: null, groups: null, isPublished: true } : null;
}
