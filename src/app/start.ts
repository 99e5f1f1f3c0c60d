import { randomBytes } from "node:crypto";
import { availableParallelism, hostname } from "node:os";
import { resolve } from "node:path";
import { readCheckpoint } from "#audit/merkle/checkpoint.ts";
import { MetricRegistry } from "#admin/metrics/registry.ts";
import type { CertificateRow } from "#admin/certificate-row.ts";
import type { StatusFacts, UpstreamStates } from "#admin/ports.ts";
import { createRedaction } from "#audit/redaction/redaction.ts";
import { allClientAuthorities } from "#edge/client-trust.ts";
import { ClientStatuses } from "#edge/revocation/client-statuses.ts";
import { createKeyedDigest } from "#lib/keyed-digest.ts";
import { createUuid7 } from "#lib/uuid7.ts";
import { GatewayError } from "#model/errors.ts";
import type { Exchange } from "#model/exchange.ts";
import type { SubscriptionScope } from "#model/definition.ts";
import { addressesOf, firstPort, placeText } from "#model/listen-place.ts";
import type { EventSink, Random } from "#model/ports.ts";
import type { SharedKeyIndex } from "#threads/key-index.ts";
import { createKeyHasher } from "#products/keys.ts";
import { keyReports } from "#products/key-reports.ts";
import { rotationPlan } from "#products/rotation-plan.ts";
import { openPeople } from "./people.ts";
import { AnswerLinks } from "#products/answer-links.ts";
import { RevocationUseCases } from "#products/revocations.ts";
import { type Offer, Subscriptions } from "#products/subscriptions.ts";
import { OpenSessions } from "#site/sessions/open-sessions.ts";
import { createSite } from "#site/site.ts";
import type { KeyChanges } from "#storage/interfaces.ts";
import { openStore } from "#storage/storage-client.ts";
import { createEgress } from "#upstream/egress-fetch.ts";
import type { OwnAddress } from "#upstream/egress.ts";
import { CacheOwner } from "#threads/cache-owner.ts";
import { createClock } from "#threads/clock.ts";
import { TimerWheel } from "#wire/timer-wheel.ts";
import { serveControlCalls } from "#threads/control-calls.ts";
import { AssertionKeys } from "./assertion-keys.ts";
import { AcmeServers } from "./acme-servers.ts";
import { adminSocketPath } from "./admin-socket.ts";
import { Analytics } from "#analytics/client.ts";
import { openAudit } from "./audit-keeper.ts";
import { witnessMetrics } from "./metrics/witness-metrics.ts";
import { Witness } from "./witness/witness.ts";
import { BackgroundKeeper } from "./background/keeper.ts";
import { openLogKey } from "./log-key.ts";
import { TraceKeeper } from "./tracing/trace-keeper.ts";
import { cacheHandlers } from "./cache-handlers.ts";
import { attachRingWriter } from "#threads/ring-writer.ts";
import { openAdmin } from "./admin-keeper.ts";
import { RemoteCallers } from "./admin-remote.ts";
import { statusOf } from "./admin-state.ts";
import { GroupLookups } from "./group-lookups.ts";
import { clusterKeys } from "./cluster-keys.ts";
import { ConnectionTokens } from "./connection-tokens.ts";
import { openConfiguration } from "./configuration-keeper.ts";
import { openDataDirectory } from "./data-directory.ts";
import { type ControlDefinition, type ControlSnapshot, hasOperation, type Loaded } from "./definition/read-result.ts";
import type { GatewayOptions, ReadyInfo } from "./gateway.ts";
import { endedConnections } from "./ended-connections.ts";
import { EventLog } from "./event-log.ts";
import { KeyPublisher } from "./key-publisher.ts";
import { KeyUsesKeeper } from "./key-uses.ts";
import { type Bound, Listeners } from "./listeners.ts";
import { ExceptionWatch } from "./exception-watch.ts";
import { exceptionEvents } from "./exception-events.ts";
import { LeftEvents } from "./left-events.ts";
import { listHost, listPort, writeListPlace } from "./list-place.ts";
import { openSecretKeeper } from "./secret-rotation/open-keeper.ts";
import { LoginKeeper } from "./login-keeper.ts";
import { MainEgress } from "./main-egress.ts";
import { createJsonLog } from "./log.ts";
import { LogLevels } from "./log-levels.ts";
import type { WorkerCalls } from "./messages.ts";
import { clientRows } from "./certificate-rows.ts";
import { accessPages } from "./access/access-pages.ts";
import { openAccess } from "./access/access-keeper.ts";
import { auditMetrics } from "./metrics/audit-metrics.ts";
import { accessMetrics } from "./metrics/access-metrics.ts";
import { certificateMetrics } from "./metrics/certificate-metrics.ts";
import { ConfigurationMeter } from "./metrics/configuration-meter.ts";
import { identityMetrics } from "./metrics/identity-metrics.ts";
import { gatewayMetrics } from "./metrics/gateway-metrics.ts";
import { addCacheProblems } from "./metrics/cache-metrics.ts";
import { addPolicyMetrics } from "./metrics/policy-metrics.ts";
import { addRequests } from "./metrics/request-metrics.ts";
import { upstreamMetrics } from "./metrics/upstream-metrics.ts";
import { responderEgress } from "./responder-egress.ts";
import { RevocationKeeper } from "./revocation-keeper.ts";
import { Standing } from "./standing.ts";
import { sayOnce } from "./say-once.ts";
import { keepQuotasPruned } from "./quota-pruning.ts";
import { RecordSink } from "./record-sink.ts";
import { recorderOf } from "./recorder-of.ts";
import { compiledOf, type Prepared } from "./reloader.ts";
import { managedIdentity } from "./managed-identity.ts";
import { takeKekSource } from "./seal/kek-source.ts";
import { openSecrets } from "./seal/open-secrets.ts";
import { clearDeadLocks, createSharedCounters } from "./shared-tables.ts";
import { watchSubscriptions } from "./subscription-expiry.ts";
import { reviewSoon } from "./review-soon.ts";
import { KeyKeeper } from "./keys/key-keeper.ts";
import { keyPages } from "./keys/key-pages.ts";
import { VaultRefresh } from "./vault-refresh.ts";
import { openTls } from "./tls-keeper.ts";
import { SinksKeeper } from "./sinks/keeper.ts";
import { TicketKeys } from "./tls-tickets.ts";
import { TelemetryKeeper } from "./telemetry/keeper.ts";
import { upstreamStates } from "./upstream-states.ts";
import { packageVersion } from "./version.ts";
import { ShadowReport } from "./shadow/shadow-report.ts";
import { createWorkerPool, type WorkerPool } from "./worker-pool.ts";
import { WorkerReserve } from "./worker-reserve.ts";

export interface RunningGateway {
  readonly ready: ReadyInfo;
  /** When the new definition cannot serve, the old one does, and the log says why. */
  reload(why: string): Promise<unknown>;
  stop(): Promise<void>;
  /** Resolves when the gateway cannot go on (the audit writer died): the caller stops it. */
  readonly broken: Promise<void>;
}

/** Workers count from 1. */
const mainGeneration = 0;
/** For what workers are asked when somebody looks. */
const gatherMs = 1000;

const random: Random = { bytes: (count) => randomBytes(count) };

/**
 * Starts everything in the order it depends on: data folder, record, store, keys, certificates, ports, workers. A
 * failure undoes what was started: never a half-started gateway.
 *
 * @throws GatewayError `definition-invalid`, `data-locked`, `port-in-use`, `audit-unavailable`, `store-unavailable`, `store-corrupt`,
 *   `seal-key-missing`, `seal-key-refused`, `seal-key-wrong`, `seal-broken`
 */
export async function startGateway(options: GatewayOptions): Promise<RunningGateway> {
  await using undo = new AsyncDisposableStack();
  const clock = createClock();
  const startedAt = clock.now();
  const metrics = new MetricRegistry();
  let redaction = createRedaction(compiledOf(options.loaded).control.audit.redact);
  let background: BackgroundKeeper | null = null;
  const write = (line: string): void => {
    process.stderr.write(`${line}\n`);
    background?.line(line);
  };
  const log = createJsonLog(write, clock.now, options.logLevel, (text) => redaction.text(text, null).text);
  const data = openDataDirectory(resolve(options.dataPath));
  undo.defer(() => data.unlock());
  const {
    pepper,
    sealer,
    files: secrets,
  } = await openSecrets(data.path, {
    kek: options.kek ?? takeKekSource(undefined, process.env),
    // There a key made in passing would be lost with a home folder that is, and all that is sealed under it.
    mayMake: !options.loaded.definition.production,
    clock,
    random,
    log,
  });

  const broken = Promise.withResolvers<void>();
  const node = hostname();
  const { definition } = options.loaded;
  let compiled = compiledOf(options.loaded);
  let inForce = definition;
  const { control: snapshot } = compiled;
  background = new BackgroundKeeper(
    {
      directory: data.auditPath,
      indexPath: data.indexPath,
      logsPath: data.logsPath,
      compress: snapshot.audit.compress === "zstd",
    },
    log,
  );
  undo.defer(() => background.close());
  const logKey = await openLogKey({ dataPath: data.path, auditPath: data.auditPath, node, secrets, random, log });
  const sinks = new SinksKeeper({
    directory: data.auditPath,
    cursors: data.sinksPath,
    metrics,
    ownAddresses: () => ownAddresses(),
    version: packageVersion(),
    node,
    clock,
    log,
    onHeld: (from) => audit.hold(from),
  });
  // Behind the record's end, so that what was written last is sent.
  undo.defer(() => sinks.close());
  const witness =
    snapshot.audit.witness &&
    new Witness({
      settings: snapshot.audit.witness,
      directory: data.auditPath,
      egress: createEgress({ allow: [], ownAddresses: [], clock }),
      clock,
      log,
    });
  await witness?.publishKey();
  let signedLines = 0;
  // Behind the end of the record, whose last checkpoint it takes along.
  undo.defer(() => witness?.stop());
  const eventsReady = Promise.withResolvers<EventLog>();
  const heldFrom = await sinks.open(definition);
  const auditStart = { directory: data.auditPath, node, key: logKey, heldFrom, ...snapshot.audit };
  const audit = await openAudit(auditStart, log, metrics, {
    onDeath: broken.resolve,
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
  const analytics = new Analytics({
    path: data.analyticsPath,
    keep: definition.analytics,
    clock,
    log,
    onBeyond: (dimension, calls) => metrics.add("sallyport_analytics_other_total", { dimension }, calls),
    onLost: (calls) => metrics.add("sallyport_analytics_lost_total", {}, calls),
  });
  undo.defer(() => analytics.close());
  const telemetry = new TelemetryKeeper({
    metrics,
    ownAddresses: () => ownAddresses(),
    version: packageVersion(),
    node,
    startedAt,
    clock,
    log,
  });
  background.tend();
  await background.use(definition);
  const { durability } = snapshot.audit;
  const sink = new RecordSink(attachRingWriter(audit.ringFor(mainGeneration)), clock, log, { durability });
  undo.defer(() => sink.settled());
  const events = new EventLog({
    sink,
    sync: () => audit.sync(),
    origin: () => ({ environment: compiled.control.environment, node, configHash: compiled.control.hash, redaction }),
    newId: createUuid7(randomBytes, clock.now),
    clock,
    log,
  });
  eventsReady.resolve(events);
  const count = options.workers ?? availableParallelism();
  const counters = createSharedCounters(clock, random, count);
  const cache = new CacheOwner(counters.cacheVersions, snapshot.cache.bytes, () => clock.now());
  const identity = managedIdentity(clock, log);
  const connections = new ConnectionTokens(
    definition.connections,
    clock,
    log,
    (digest) => login.accessToken(digest),
    events,
  );
  const assertionKeys = new AssertionKeys({
    folder: data.path,
    secrets,
    clock,
    log,
    publish: (key) => pool.tell({ type: "assertion-key", key }),
    events,
  });
  undo.defer(() => assertionKeys.stop());
  const traces = new TraceKeeper({
    clock,
    random,
    publish: (credentials) => pool.broadcast({ type: "debug-credentials", credentials }),
  });
  undo.defer(() => traces.close());
  const logLevels = new LogLevels({ clock, publish: (levels) => pool.broadcast({ type: "api-levels", levels }) });
  undo.defer(() => logLevels.close());
  const shadowReport = new ShadowReport(clock.now, (api, outcome, times) =>
    metrics.add("sallyport_shadow_requests_total", { api, outcome }, times),
  );
  let generations = 0;
  metrics.add("sallyport_worker_restarts_total", {}, 0);
  const pool: WorkerPool = createWorkerPool({
    count,
    reserve: options.reserve ?? new WorkerReserve(),
    log,
    nextGeneration: () => (generations += 1),
    startData: (index, generation, control) => ({
      index,
      count,
      generation,
      node,
      startedAt,
      snapshot: compiled.packed,
      ...listeners.forWorker(),
      sockets: ownSockets,
      reusePort: count > 1,
      certificates: tls?.certificates() ?? [],
      internalRoots: tls?.roots() ?? "",
      revoked: tls?.issuer.revoked ?? [],
      revocations: revocations.known.all(),
      challenges: tls?.challenges() ?? { http: [], alpn: [] },
      staples: tls?.staples() ?? [],
      ticketKeys: ticketKeys.current,
      assertionKey: assertionKeys.current,
      pepper,
      grants: access.grants(),
      debugCredentials: traces.credentials,
      logLevel: options.logLevel,
      apiLevels: logLevels.levels,
      shared: { ...counters, keys: keys.handle, users: people.directory.handle, ring: audit.ringFor(generation) },
      control,
      analytics: analytics.portFor(),
      telemetry: telemetry.portFor(),
    }),
    serve: (port) =>
      serveControlCalls<WorkerCalls>(port, {
        "quota.lease": ({ counter, windowStart, amount, limit, windowEnd }) =>
          store.quotas.lease(counter, windowStart, amount, limit, windowEnd),
        "acme.request": ({ server, request }) => {
          if (acme === undefined) throw new GatewayError("internal", 500, "there is no internal CA");
          return acme.handle(server, request);
        },
        "site.request": (request) => site.handle(request),
        "cluster.keys": ({ provider }) => keysOfCluster(provider),
        "groups.find": (question) => groupLookups.find(question),
        "session.find": (question) => login.sessions.find(question),
        "certificate.demand": ({ name }) => tls?.certificateFor(name) ?? null,
        "certificate.list": ({ issuer }) => tls?.issuer.revocationList(issuer) ?? null,
        "certificate.status": ({ path }) => statuses.of(path),
        "connection.token": ({ provider, name, subject }) => connections.find(provider, name, subject),
        "managed-identity.token": ({ resource, clientId }) => identity.find(resource, clientId),
        ...cacheHandlers(cache),
      }),
    onDeath: (generation, crashed) => {
      clearDeadLocks(counters, generation);
      audit.retire(generation, crashed);
    },
    onRequests: (news) => addRequests(metrics, news),
    onEmitted: (news) => addPolicyMetrics(metrics, news),
    onCacheProblems: (problems) => addCacheProblems(metrics, problems),
    onShadow: (news) => shadowReport.add(news),
    onTrace: (trace) => traces.keep(trace),
    onUserSeen: (user) => people.provisioning.seen(user),
    onConnectionsEnded: endedConnections(events, metrics),
    onClientIssuer: (der) => statuses.learn(der),
    onRestart: () => metrics.add("sallyport_worker_restarts_total", {}),
  });

  const store = await openStore(data.storePath, {
    onLost: (error) => {
      log.error("the store is lost; the gateway stops", { error: error.message });
      broken.resolve();
    },
  });
  undo.defer(() => store.close());
  const pruning = keepQuotasPruned(store.quotas, clock, log);
  undo.defer(() => clearInterval(pruning));
  const publish = (handle: SharedKeyIndex): Promise<void> => pool.broadcast({ type: "keys", keys: handle });
  const hasher = createKeyHasher(pepper);
  const keys = new KeyPublisher({ store, hasher, clock, log, publish });
  const revocations = await RevocationKeeper.open({
    store: store.revocations,
    clock,
    log,
    publish: (change) => pool.broadcast({ type: "revocation", change }),
  });
  undo.defer(() => revocations.close());
  const review = reviewSoon(() => pool.tell({ type: "review" }));
  const followKeys = (changes: KeyChanges): void => {
    keys.follow(changes);
    if (takesAway(changes)) review();
  };
  const people = await openPeople({
    store,
    clock,
    log,
    publish: (handle) => pool.broadcast({ type: "users", users: handle }),
    onKeys: followKeys,
    review,
    scimProviders: () => inForce.scim,
    events,
  });
  const standing = new Standing({
    revocations: revocations.known,
    users: people.directory.reader,
    providers: () => inForce.providers,
    onSeen: sayOnce(clock, (user) => people.provisioning.seen(user)),
  });
  const answerLinks = new AnswerLinks(createKeyedDigest(createKeyedDigest(pepper)("answer links of access requests")));
  const expiry = watchSubscriptions(store.subscriptions, clock, log, followKeys, events);
  const ownEvents = (): EventSink =>
    sink.under(recorderOf(compiled.control, compiled.control.keyQueries, node, redaction));
  const record = (exchange: Exchange): void | Promise<void> => {
    const own = ownEvents();
    return (own.strict ?? own).finished(exchange);
  };
  const access = await openAccess({
    store: store.access,
    outbox: store.outbox,
    users: store.users,
    standing,
    approvals: definition.approvals,
    announcements: definition.announcements,
    announcer: {
      random,
      ownAddresses: () => ownAddresses(),
      egress: () => createEgress({ allow: [], ownAddresses: ownAddresses(), clock, wheel }),
    },
    links: answerLinks,
    publish: (grants) => pool.broadcast({ type: "grants", grants }),
    newId: createUuid7(randomBytes, clock.now),
    metrics,
    events,
    clock,
    log,
  });
  undo.defer(() => access.stop());
  const keyKeeper = new KeyKeeper({
    store,
    hasher,
    random,
    clock,
    log,
    events,
    plan: () => rotationPlan(inForce),
    announcements: access.settings,
    outbox: access.outbox,
    newId: createUuid7(randomBytes, clock.now),
    onKeys: followKeys,
  });
  undo.defer(() => keyKeeper.stop());
  const keyUses = new KeyUsesKeeper({ uses: (since) => keys.uses(since), store: store.subscriptions, clock, log });
  undo.defer(() => keyUses.close());
  // Behind the workers' end, and before what its last metrics ask.
  undo.defer(() => telemetry.close());
  undo.defer(() => expiry.stop());
  await keys.load();
  await keys.declare(definition);
  await expiry.look();
  await keyKeeper.look();

  const wheel = new TimerWheel(clock);
  undo.defer(() => wheel.close());
  const ownAddresses = (): readonly OwnAddress[] => [
    ...addressesOf([...bound.https, ...bound.http]),
    ...bound.admin.map((own) => ({ ...own, admin: true })),
  ];
  const egressTo = responderEgress({
    allow: () => compiled.control.egress.allow,
    ownAddresses: () => ownAddresses(),
    clock,
    wheel,
  });
  const mainEgress = new MainEgress({ allow: () => compiled.control.egress.allow, ownAddresses, clock, wheel });
  undo.defer(() => mainEgress.close());
  const groupLookups = new GroupLookups(definition, { egress: mainEgress, clock, log });
  const keysOfCluster = clusterKeys(() => inForce.providers, mainEgress);
  const publishSessions = (handles: readonly string[]): void => pool.tell({ type: "sessions", handles });
  const login = new LoginKeeper(definition, {
    store,
    egress: mainEgress,
    standing: standing.of,
    groups: () => groupLookups.groups,
    pepper,
    sealer,
    clock,
    random,
    log,
    publish: publishSessions,
    events,
  });
  undo.defer(() => login.close());
  const site = createSite({
    clock,
    log,
    events,
    login: login.ports,
    cliLogin: () => inForce.cliLogin,
    access: accessPages(
      () => access,
      answerLinks,
      () => login.ports,
      random,
      clock,
    ),
    keys: keyPages(store, () => keyKeeper.rotations),
    assertionKeys: () => assertionKeys.keySet,
    scim: people.scim,
  });
  const tls = await openTls({
    definition,
    snapshot,
    dataPath: data.path,
    caPath: data.caPath,
    secrets,
    clock,
    random,
    log,
    meter: metrics,
    egress: (ca) => createEgress({ allow: [], ownAddresses: [], clock, ca }),
    publish: (certificates) => pool.tell({ type: "certificates", certificates }),
    publishRoots: (roots) => pool.tell({ type: "internal-roots", roots }),
    publishRevoked: (revoked) => pool.tell({ type: "revoked", keys: revoked }),
    responderEgress: egressTo,
    publishStaple: (staple) => pool.tell({ type: "staple", staple }),
    publishChallenges: (challenges) => pool.broadcast({ type: "challenges", challenges }),
    events,
  });
  undo.defer(() => tls?.stop());
  const statuses = new ClientStatuses({
    egress: egressTo,
    trusted: () => allClientAuthorities(compiled.control.edge, tls?.roots() ?? ""),
    own: async (serial, issuer) => (await tls?.issuer.statusOf(serial, issuer)) ?? null,
    clock,
    log,
    meter: metrics,
  });
  const clearPort = (): number | null => listPort(compiled.control.edge, bound.http);
  const acmePorts = { clearPort, clock, random, log };
  const acme = tls && new AcmeServers({ directory: data.acmeServerPath, issuer: tls.issuer, ...acmePorts });
  await acme?.use(definition.acmeServers);
  const ticketKeys = new TicketKeys(random, (fresh) => pool.tell({ type: "ticket-keys", keys: fresh }));
  undo.defer(() => ticketKeys.stop());
  undo.defer(() => pool.drain(compiled.control.edge.limits.drainMs));
  const listeners = await Listeners.open(snapshot, definition);
  const { bound } = listeners;
  // Before the workers drain: whoever comes by then is to come to the next gateway.
  undo.defer(() => listeners.close());
  const ownSockets = [...listeners.paths, adminSocketPath(data.path)];

  await assertionKeys.use(definition.assertion);
  await pool.start();
  listeners.check();
  await access.start();
  tls?.start();
  const tellListPlace = async ({ acmeServers }: ControlDefinition, { hosts, edge }: ControlSnapshot): Promise<void> => {
    if (tls === undefined) return;
    const host = listHost([...acmeServers.flatMap((server) => server.hosts), ...hosts]);
    await writeListPlace(data.caPath, host, listPort(edge, bound.http), random);
  };
  await tellListPlace(definition, snapshot);

  const [adminListen] = bound.admin;
  const callers =
    adminListen &&
    new RemoteCallers({
      definition,
      listen: adminListen,
      clock,
      log,
      standing,
      keysOfCluster,
      groups: () => groupLookups.groups,
    });
  undo.defer(() => callers?.close());
  const secretKeeper = openSecretKeeper({
    dataPath: data.path,
    definitionFile: options.file,
    files: secrets,
    rotations: () => inForce.secretRotations ?? [],
    backend: (wanted) => inForce.backends.find(({ name }) => name === wanted),
    reload: async (why) => {
      const outcome = await configuration.reload(why, "gateway");
      return outcome.kind === "reloaded" ? null : outcome.kind === "failed" ? outcome.message : "it has errors";
    },
    egress: mainEgress,
    token: async (resource, clientId) => (await identity.find(resource, clientId)).token,
    announcements: access.settings,
    put: async (messages) => {
      await store.outbox.put(access.outbox.admit(messages));
      await access.outbox.look();
    },
    newId: createUuid7(randomBytes, clock.now),
    events,
    random,
    clock,
    log,
  });
  undo.defer(() => secretKeeper.stop());
  const prepare = (loaded: Loaded): Prepared => {
    const { definition: next } = loaded;
    const prepared = compiledOf(loaded);
    const commit = async (): Promise<void> => {
      await keys.declare(next);
      void expiry.look();
      void keyKeeper.look();
      await acme?.use(next.acmeServers);
      await tls?.apply(next, prepared.control);
      await tellListPlace(next, prepared.control);
      connections.use(next.connections);
      await assertionKeys.use(next.assertion);
      compiled = prepared;
      inForce = next;
      void keyKeeper.judge();
      void secretKeeper.look();
      redaction = createRedaction(prepared.control.audit.redact);
      analytics.use(next.analytics);
      telemetry.use(next);
      sinks.use(next);
      await background.use(next);
      mainEgress.close();
      groupLookups.use(next);
      login.use(next);
      callers?.use(next);
      cache.resize(prepared.control.cache.bytes);
      await pool.broadcast({ type: "snapshot", snapshot: prepared.packed });
      await access.use(next);
    };
    return { configHash: prepared.control.hash, commit };
  };
  const meter = new ConfigurationMeter(metrics, clock);
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
  metrics.collect(
    gatewayMetrics({ version: packageVersion(), startedAt, workers: count, listening: () => pool.listening }),
  );
  metrics.collect(auditMetrics(() => audit.status));
  metrics.collect(identityMetrics(revocations.known, counters));
  metrics.collect((gauges) => meter.collect(gauges, configuration.running.entry.id));
  const upstreams = async (): Promise<UpstreamStates> =>
    upstreamStates(compiled.control, count, await pool.gather({ type: "target-status" }, gatherMs));
  metrics.collect(upstreamMetrics(upstreams));
  metrics.collect(accessMetrics(store.access, store.outbox));
  const certificateRows = (): readonly CertificateRow[] =>
    tls?.rows() ?? clientRows(configuration.definition.namedCertificates, clock.now());
  metrics.collect(certificateMetrics(certificateRows));
  const status = (): StatusFacts => ({
    ...statusOf(compiled.control, bound, count),
    node,
    production: configuration.definition.production,
    startedAt: new Date(startedAt).toISOString(),
    uptimeSeconds: Math.floor((clock.now() - startedAt) / 1000),
  });
  const admin = await openAdmin({
    dataPath: data.path,
    caPath: data.caPath,
    internalCa: tls?.issuer,
    secrets,
    definition,
    listen: adminListen,
    callers,
    ports: {
      configuration,
      entry: options.entry,
      status,
      metrics: (format) => metrics.text(format),
      certificates: certificateRows,
      internalRoots: () => tls?.roots() ?? "",
      upstreams,
      access: access.requests,
      announcements: access.announcements,
      products: () => configuration.definition.products,
      keyReports: keyReports(store.subscriptions, clock, () => rotationPlan(configuration.definition)),
      tracing: {
        apis: () => inForce.apiNames,
        issue: (api, lifeMs) => traces.issue(api, lifeMs),
        credentials: () => traces.credentials,
        end: (id) => traces.end(id),
        traces: () => traces.traces,
        find: (id) => traces.find(id),
      },
      shadow: shadowReport,
      logLevels: {
        usual: options.logLevel,
        apis: () => inForce.apiNames,
        levels: () => logLevels.levels,
        hasOperation: (api, operation) => hasOperation(inForce, api, operation),
        set: (api, operation, level, lifeMs) => logLevels.set(api, operation, level, lifeMs),
        reset: (api, operation) => logLevels.reset(api, operation),
      },
      analytics: { ask: (question) => analytics.ask(question), now: clock.now },
      subscriptions: new Subscriptions({
        store: store.subscriptions,
        hasher,
        random,
        clock,
        offerOf: (scope) => offerOf(configuration.definition, scope),
        userOf: (id) => store.users.get(id),
        onKeys: followKeys,
        onEnd: () => void expiry.look(),
      }),
      keyRotations: keyKeeper.rotations,
      secrets: secretKeeper,
      sessions: new OpenSessions(store.sessions, login.sessions, publishSessions),
      revocations: new RevocationUseCases({
        store: store.revocations,
        clock,
        onChange: (change) => revocations.follow(change),
        all: () => revocations.known.all(),
      }),
      users: people.users,
    },
    record,
    events,
    canRecord: () => sink.admission === "take",
    newId: createUuid7(randomBytes, clock.now),
    clock,
    random,
    log,
  });
  undo.defer(() => admin.close());

  await events.record({
    event: "gateway.started",
    details: { version: packageVersion(), workers: count, configuration: configuration.running.entry.id },
  });
  if (configuration.changeAtStart !== undefined) await events.record(configuration.changeAtStart);
  for (const event of exceptionEvents(definition)) await events.record(event);
  const left = new LeftEvents(data.path, events, log);
  undo.defer(() => left.close());
  await left.look();
  telemetry.use(definition);
  sinks.use(definition);
  void secretKeeper.look();

  const kept = undo.move();
  return {
    ready: describe(snapshot, bound, count, tls?.rootFile),
    reload: (why) => configuration.reload(why, "file"),
    stop: () => {
      events.tell({ event: "gateway.stopping", details: {} });
      return kept.disposeAsync();
    },
    broken: broken.promise,
  };
}

/** Streams that were let in by a key that is not good any more are to end. */
function takesAway({ removed, set }: KeyChanges): boolean {
  return removed.length > 0 || set.some(({ state }) => state !== "active");
}

/** What a product says of subscriptions to it; everything else is there for whoever asks. */
function offerOf({ products, apiNames }: ControlDefinition, scope: SubscriptionScope): Offer | null {
  if (scope.kind === "product") return products.find(({ name }) => name === scope.product) ?? null;
  const exists = scope.kind === "all" || apiNames.includes(scope.api);
  return exists ? { approvalRequired: false, subscriptionsLimit: null, groups: null, isPublished: true } : null;
}

function describe(snapshot: ControlSnapshot, bound: Bound, workers: number, rootFile: string | undefined): ReadyInfo {
  const url = urlOf(bound);
  const facts = [
    `environment ${snapshot.environment}`,
    counted(workers, "worker"),
    counted(snapshot.operations, "operation"),
  ];
  return { summary: `sallyport ready ${url} (${facts.join(", ")})`, url, ...bound, rootCertificate: rootFile };
}

/** Where a person may look; of a socket that is all there is, its place. */
function urlOf({ https, http }: Bound): string {
  const [secure, clear] = [firstPort(https), firstPort(http)];
  if (secure !== undefined) return `https://localhost:${secure}`;
  if (clear !== undefined) return `http://localhost:${clear}`;
  return [...https, ...http].map(placeText)[0] ?? "";
}

function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? "" : "s"}`;
}
