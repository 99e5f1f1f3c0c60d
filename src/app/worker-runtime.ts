import { Buffer } from "node:buffer";
import { randomBytes, randomInt, randomUUID } from "node:crypto";
import { CoderRoom } from "#content/compress.ts";
import { FileRoom } from "#content/file-room.ts";
import { createEdge } from "#edge/edge.ts";
import type { Edge } from "#edge/edge-types.ts";
import { UsageCounter } from "#analytics/usage-counter.ts";
import { UsageTeller } from "#analytics/teller.ts";
import { BodyRoom } from "#policy/body-room.ts";
import { Assertions } from "#identity/assertions.ts";
import { setExpressionTime } from "#policy/csharp/expression-limits.ts";
import { authenticateActor } from "#identity/authenticate-actor.ts";
import { BasicAuthenticator } from "#identity/basic/authenticate-basic.ts";
import { GuessingBrake } from "#identity/basic/brake.ts";
import { PasswordChecks } from "#identity/basic/password-checks.ts";
import { createAuthenticator } from "#identity/authenticate.ts";
import { DpopNonces } from "#identity/dpop-nonces.ts";
import { ProofChecker, proofWindowMs } from "#identity/dpop-proof.ts";
import { authenticateGroups, lookupsOf, PrincipalGroups } from "#identity/groups/authenticate-groups.ts";
import { GroupFinder } from "#identity/groups/group-finder.ts";
import { createRedaction } from "#audit/redaction/redaction.ts";
import { Revocations } from "#identity/revocations.ts";
import { unrevoked, unrevokedTokens } from "#identity/unrevoked.ts";
import { SessionReader } from "#identity/login/session-reader.ts";
import { createTokenVerifier } from "#identity/token-verifier.ts";
import { createTrustedTokens } from "#identity/trusted-tokens.ts";
import { hashText } from "#lib/hash32.ts";
import { createUuid7 } from "#lib/uuid7.ts";
import { createKeyedDigest } from "#lib/keyed-digest.ts";
import { atOnce, inSlices } from "#lib/slices.ts";
import type { AssertionKey } from "#model/assertion.ts";
import { GatewayError } from "#model/errors.ts";
import type { Connections } from "#model/connection.ts";
import type { Exchange } from "#model/exchange.ts";
import type { GrantsOf } from "#model/grants.ts";
import { addressesOf } from "#model/listen-place.ts";
import { createPermitAuthority, type Permit } from "#model/permit.ts";
import type { Clock, Egress, EventSink, ForwardPort, Log, UpstreamResponse } from "#model/ports.ts";
import type { ApiLevel } from "#model/logs.ts";
import type { RevocationChange } from "#model/identity-revocation.ts";
import type { Redaction } from "#model/redaction.ts";
import type { Snapshot } from "#model/snapshot.ts";
import type { TargetStatus } from "#model/target-health.ts";
import type { DebugCredential } from "#model/tracing.ts";
import { createDispatcher } from "#pipeline/dispatcher.ts";
import type { SnapshotPorts } from "#pipeline/linked.ts";
import type { BackendTokens } from "#pipeline/upstream-authorization.ts";
import { TapRoom } from "#telemetry/insights/body-tap.ts";
import { createDiagnosing } from "#telemetry/insights/diagnosing.ts";
import { InsightsMetrics } from "#telemetry/insights/metric-counts.ts";
import { SpanIds } from "#telemetry/span-ids.ts";
import { TraceFeed } from "#telemetry/trace-feed.ts";
import { TraceContexts } from "#telemetry/trace-contexts.ts";
import { CacheClient } from "#threads/cache-client.ts";
import { attachConcurrency } from "#threads/concurrency.ts";
import { createClock } from "#threads/clock.ts";
import { type ControlClient, createControlClient } from "#threads/control-calls.ts";
import type { SharedKeyIndex } from "#threads/key-index.ts";
import { createKeyLookup, KeyIndexReader } from "#threads/key-reader.ts";
import { UserReader } from "#threads/user-directory.ts";
import { attachLimiter } from "#threads/limiter.ts";
import { GrantsInForce } from "#threads/grants-in-force.ts";
import { limiterId } from "#threads/limiter-id.ts";
import type { PackedValue } from "#threads/packed/packed-value.ts";
import { unpack } from "#threads/packed/unpack.ts";
import { attachQuota } from "#threads/quota.ts";
import { attachRingWriter } from "#threads/ring-writer.ts";
import { createEgress } from "#upstream/egress-fetch.ts";
import { createFastCgi } from "#upstream/fastcgi/fastcgi.ts";
import { createForwarder } from "#upstream/forward.ts";
import { CurrentExternalCache } from "#upstream/external-cache/current-cache.ts";
import { CacheProblems } from "#upstream/external-cache/problems.ts";
import { connectRedis } from "#upstream/external-cache/redis.ts";
import { TokenCache } from "#upstream/managed-identity/token-cache.ts";
import { TimerWheel } from "#wire/timer-wheel.ts";
import { keyQueriesOf } from "./definition/read-result.ts";
import type { FromWorker, WorkerCalls, WorkerStart } from "./messages.ts";
import type { SharedHandles } from "./shared-tables.ts";
import { ApiLevels } from "./api-levels.ts";
import { withApprovals } from "./access/with-approvals.ts";
import { PolicyCounts } from "./metrics/policy-counts.ts";
import { KnownStatuses } from "./known-statuses.ts";
import { RequestCounts } from "./metrics/request-counts.ts";
import { countingUsage } from "./metrics/usage.ts";
import { RecordSink } from "./record-sink.ts";
import { exportingTraces } from "./telemetry/exporting.ts";
import { Mirror } from "./shadow/mirror.ts";
import { createComparisonPool } from "./shadow/comparison-pool.ts";
import { ShadowCounts } from "./shadow/shadow-counts.ts";
import { sayOnce } from "./say-once.ts";
import { recorderOf } from "./recorder-of.ts";
import { RareReviews } from "./rare-reviews.ts";
import { keyedIds } from "./session-ids.ts";
import { exchangeOfRefusal } from "./refused-exchange.ts";
import { boundedSite } from "./site-calls.ts";
import { RequestTracer } from "./tracing/request-tracer.ts";
import { createPasswordThreads } from "./password-threads.ts";
import { createTransformThreads } from "./transform-threads.ts";

/** How often main is told what was counted. */
const tellEveryMs = 1000;
/** As Azure Monitor adds them up. */
const insightsEveryMs = 60_000;
/** As long as a handshake may take at most; main gives up before. */
const handshakePatienceMs = 10_000;
/** A metadata service that is busy is asked again for some seconds. */
const identityPatienceMs = 30_000;
/** Its provider may have to be asked first, which main gives up before. */
const sessionPatienceMs = 20_000;
/** For a token, and for groups page by page; main gives each of them up before. */
const groupPatienceMs = 20_000;
/** For two documents, which main gives up before. */
const clusterPatienceMs = 15_000;
/** A page may ask a provider, which main gives up before. */
const sitePatienceMs = 30_000;
/** For all the places that a certificate and its issuers name; main gives each of them up before. */
const statusPatienceMs = 30_000;
/** Those of callers whose tokens are exchanged are among them; each has about 4 KiB. */
const connectionTokensAtMost = 4096;
/** Of all bodies that policies read at a time. */
const policyBodiesBytes = 256 * 2 ** 20;
/** Of all bodies that are compared with an old gateway's at a time, ours and theirs each. */
const shadowBytes = 16 * 2 ** 20;
/** Of all bodies that diagnostics want the beginning of, at a time. */
const tappedBytes = 16 * 2 ** 20;

export interface WorkerRuntime {
  readonly edge: Edge;
  listen(): Promise<unknown>;
  /**
   * Takes another definition, whole or not at all, one after the other: it is read and linked between requests, then
   * swapped in. Rejects when it cannot be linked; the one before goes on.
   */
  apply(snapshot: PackedValue): Promise<void>;
  swapKeys(keys: SharedKeyIndex): void;
  swapUsers(users: SharedKeyIndex): void;
  /** What assertions are signed with from now on. */
  setAssertionKey(key: AssertionKey | null): void;
  /** What lasts is decided again. */
  review(): void;
  /** Holds from the next request on; exchanges that last are decided again. */
  revoke(change: RevocationChange): void;
  /** What the internal CA has revoked. */
  setRevoked(keys: readonly string[]): void;
  /** Approvals that are in force now, of some grantees. */
  setGrants(changes: readonly GrantsOf[]): void;
  /** Sessions that have ended, or whose people have changed. */
  changeSessions(handles: readonly string[]): void;
  /** Resolves when requests that show one of these are traced. */
  trace(credentials: readonly DebugCredential[]): Promise<void>;
  /** From the next line of the log on. */
  setApiLevels(levels: readonly ApiLevel[]): void;
  /** What the active check of another worker found. */
  learnProbe(key: string, up: boolean): void;
  /** How the targets are, as this worker sees them. */
  targetStatus(): readonly TargetStatus[];
  drain(deadlineMs: number): Promise<void>;
}

/** Constructs the data plane of one thread: every stage, and the ports between them. */
export function createWorkerRuntime(start: WorkerStart, say: (message: FromWorker) => void): WorkerRuntime {
  const clock = createClock();
  const log = logTo(say);
  const apiLog = new ApiLevels(start.logLevel, (level, message, fields) =>
    say({ type: "api-log", level, message, fields }),
  );
  apiLog.use(start.apiLevels);
  const { shared, generation } = start;
  const ring = attachRingWriter(shared.ring);
  const users = new UserReader(shared.users);
  const keys = new KeyIndexReader(shared.keys, (id) => users.find(id));
  const digest = createKeyedDigest(start.pepper);
  const control = createControlClient<WorkerCalls>(start.control);
  const admin = start.admin.map((address) => ({ ...address, admin: true }));
  const ownAddresses = [...addressesOf([...start.https, ...start.http]), ...admin];
  const permits = createPermitAuthority();
  const snapshot = atOnce(unpack<Snapshot>(start.snapshot));

  const wheel = new TimerWheel(clock);
  const egressOf = ({ egress: { allow } }: Snapshot): Egress => createEgress({ allow, ownAddresses, clock, wheel });
  let currentEgress = egressOf(snapshot);
  // A pattern that a reload takes away is refused from then on, also to the keys of a provider that stays.
  const egress: Egress = { fetch: (request) => currentEgress.fetch(request) };
  const tokens = createTokenVerifier({
    providers: snapshot.providers,
    egress,
    clock,
    log,
    clusterKeys: (provider) => control.call("cluster.keys", { provider }, clusterPatienceMs),
  });
  const trustedTokens = createTrustedTokens({ egress, clock, log });
  const forwarder = createForwarder({
    backends: snapshot.backends,
    egress: snapshot.egress,
    check: permits.check,
    clock,
    ownAddresses,
    ownSockets: start.sockets,
    stickyKey: createKeyedDigest(start.pepper)("sticky cookies"),
    probeShare: {
      isMine: (key) => hashText(key) % start.count === start.index,
      publish: (key, up) => say({ type: "probe", key, up }),
    },
    log,
  });
  const fastCgi = createFastCgi({ check: permits.check, clock, log });
  const sink = new RecordSink(ring, clock, log, { durability: snapshot.audit.durability });
  const sessions = new SessionReader({
    ask: (question) => control.call("session.find", question, sessionPatienceMs),
    ids: keyedIds(start.pepper),
    clock,
    providers: snapshot.providers,
  });
  const proofs = new ProofChecker({
    clock,
    replays: attachLimiter(shared.proofs, generation, clock),
    limiter: limiterId("dpop-proof", 1, proofWindowMs),
    startedAt: start.startedAt,
    nonces: new DpopNonces(clock, createKeyedDigest(digest("nonces for DPoP proofs"))),
  });
  const grants = new GrantsInForce(clock, start.grants);
  const rateLimiter = attachLimiter(shared.limiter, generation, clock);
  const passwords = createPasswordThreads(log);
  const passwordChecks = new PasswordChecks({
    compare: passwords.compare,
    brake: new GuessingBrake({ limiter: rateLimiter, limiterId }),
    digest: createKeyedDigest(randomBytes(32)),
    clock,
  });
  const basic = new BasicAuthenticator(passwordChecks, snapshot.basicUsers ?? []);
  const { authenticate: whoItIs } = createAuthenticator({
    tokens,
    proofs,
    basic,
    keys: createKeyLookup(keys, digest),
    sessions,
  });
  let { actorHeader } = snapshot;
  const askGroups = (): GroupFinder =>
    new GroupFinder((question) => control.call("groups.find", question, groupPatienceMs), clock);
  let groupLookups = lookupsOf(snapshot.providers);
  let groupFinder = askGroups();
  let groups = new PrincipalGroups(groupFinder, snapshot.providers);
  const withGroups = authenticateGroups(whoItIs, () => groups);
  const withActors = authenticateActor(withGroups, { tokens, header: () => actorHeader });
  const revocations = new Revocations(start.revocations, clock);
  const concurrency = attachConcurrency(shared.concurrency, generation, start.index);
  const quota = attachQuota(shared.quota, generation, clock, (counter, windowStart, amount, limit, windowEnd) =>
    control.call("quota.lease", { counter, windowStart, amount, limit, windowEnd }),
  );

  const managedIdentity = new TokenCache(
    (resource, clientId) => control.call("managed-identity.token", { resource, clientId }, identityPatienceMs),
    clock,
  );
  const askConnection = (): TokenCache =>
    new TokenCache(
      (provider, name, subject) => control.call("connection.token", { provider, name, subject }, identityPatienceMs),
      clock,
      connectionTokensAtMost,
    );
  let connectionTokens = askConnection();
  // What a reload takes away is not used from then on.
  const connections: Connections = { token: (provider, name) => connectionTokens.token(provider, name) };
  const backendTokens: BackendTokens = {
    find: (source, subject) =>
      source.kind === "managed-identity"
        ? managedIdentity.find(source.resource, source.clientId)
        : connectionTokens.find(source.provider, source.name, subject),
  };
  const assertions = new Assertions({ clock, newId: () => randomUUID() }, start.assertionKey);
  const certificateStatuses = new KnownStatuses(
    (path) => control.call("certificate.status", { path }, statusPatienceMs),
    clock,
  );
  setExpressionTime(snapshot.edge.limits.expressionMs);
  const bodies = new BodyRoom(snapshot.edge.limits.policyBodyBytes, policyBodiesBytes);
  const transforms = createTransformThreads(log);
  const cache = cacheOf(snapshot, shared, control, clock);
  const cacheProblems = new CacheProblems(log, clock);
  const externalCache = new CurrentExternalCache({
    connect: connectRedis,
    clock,
    problems: cacheProblems,
    random: () => randomInt(2 ** 32) / 2 ** 32,
  });
  externalCache.use(snapshot.cache.external ?? null, snapshot.cache.entryBytes);

  const counts = new RequestCounts(clock);
  const usage = new UsageCounter(clock.now());
  const usageTeller = new UsageTeller(usage, start.analytics, clock.now);
  const spanIds = new SpanIds({ bytes: (size) => randomBytes(size) });
  const traceContexts = new TraceContexts(spanIds, snapshot.traces);
  const taps = new TapRoom(tappedBytes);
  const traceFeed = new TraceFeed(start.telemetry);
  const policyCounts = new PolicyCounts();
  const policyMeter = new InsightsMetrics(policyCounts);
  const shadowCounts = new ShadowCounts();
  const comparisons = createComparisonPool(log);
  const tell = (): void => {
    const shadowNews = shadowCounts.take();
    if (shadowNews !== null) say({ type: "shadow", news: shadowNews });
    keys.minute = Math.floor(clock.now() / 60_000);
    const news = counts.take();
    if (news.length > 0) say({ type: "requests", news });
    const emitted = policyCounts.take();
    if (emitted.news.length > 0) say({ type: "policy-metrics", emitted });
    const problems = cacheProblems.take();
    if (Object.keys(problems).length > 0) say({ type: "cache-problems", problems });
  };
  tell();
  const telling = setInterval(tell, tellEveryMs).unref();
  const tellInsights = (): void => traceFeed.pushMetrics(policyMeter.take(clock.now()));
  const tellingInsights = setInterval(tellInsights, insightsEveryMs).unref();
  const eventsOf = (current: Snapshot, redacted: Redaction): EventSink => {
    const recorder = recorderOf(current, keyQueriesOf(current), start.node, redacted);
    const recorded = exportingTraces(traceFeed, clock, spanIds, sink.under(recorder));
    return counts.before(countingUsage(usage, current, clock, recorded));
  };
  const redaction = createRedaction(snapshot.audit.redact);
  let events = eventsOf(snapshot, redaction);
  let { certificatesOnDemand } = snapshot;
  const tracer = new RequestTracer(clock, (trace) => say({ type: "trace", trace }));
  tracer.use(start.debugCredentials);
  let inForce: SnapshotPorts = {
    snapshot,
    forward: forwarder.port(),
    events,
    redaction,
    diagnosing: createDiagnosing(snapshot, taps, clock),
  };
  const dispatcher = createDispatcher({
    first: inForce,
    tracing: tracer,
    ports: {
      tokens: unrevokedTokens(tokens, revocations),
      trustedTokens,
      rateLimiter,
      limiterId,
      quota,
      concurrency,
      clock,
      log,
      apiLog,
      policyMeter,
      cache,
      externalCache: () => externalCache.get(),
      bodies,
      transforms,
      managedIdentity,
      connections,
      certificateStatuses,
      egress,
    },
    handlerPorts: {
      check: permits.check,
      files: new FileRoom(() => clock.mono()),
      coders: new CoderRoom(),
      fastCgi,
      backendTokens,
      assertions,
      acme: (server, request) => control.call("acme.request", { server, request }, 10_000),
    },
    handles: {
      clock,
      log,
      bodies,
      knownUsers: { users, onSeen: sayOnce(clock, (user) => say({ type: "user-seen", user })) },
      isRevoked: (certificate) => edge.isRevoked(certificate),
      certificateStatuses,
      mint: permits.mint,
      shadowing: new Mirror({
        egress,
        counts: shadowCounts,
        pool: comparisons,
        clock,
        log,
        // Of its own: however much is compared, policies and diagnostics have their memory.
        taps: new TapRoom(shadowBytes),
        bodies: new BodyRoom(shadowBytes, shadowBytes),
        check: permits.check,
        random: () => randomInt(2 ** 32) / 2 ** 32,
      }),
      site: boundedSite((request) => control.call("site.request", request, sitePatienceMs)),
      assertions,
      authenticate: unrevoked(withApprovals(withActors, grants), revocations),
    },
    admission: () => sink.admission,
  });
  const reviews = new RareReviews(() => dispatcher.review());
  const edge: Edge = createEdge({
    settings: { ...snapshot.edge, https: start.https, http: start.http },
    certificates: start.certificates,
    internalRoots: start.internalRoots,
    revoked: start.revoked,
    findList: (issuer) => control.call("certificate.list", { issuer }),
    challenges: start.challenges,
    staples: start.staples,
    onDemand: {
      enabled: () => certificatesOnDemand,
      obtain: (name) => control.call("certificate.demand", { name }, handshakePatienceMs),
    },
    onConnectionsEnded: (ended) => say({ type: "connections-ended", ended }),
    onClientIssuer: (der) => say({ type: "client-issuer", der }),
    onExchange: (exchange) => {
      exchange.trace = traceContexts.begin(exchange.facts.headers);
      dispatcher.handle(exchange);
    },
    onRefused: (refused) => (events.strict ?? events).finished(exchangeOfRefusal(refused, clock.mono())),
    clock,
    newId: createUuid7(randomBytes, () => clock.now()),
    log,
    ticketKeys: Buffer.from(start.ticketKeys),
    reusePort: start.reusePort,
  });
  forwarder.startHealthChecks();

  /** Only while somebody traces: it takes as much memory as what all others run under. */
  const linkTraced = async (ports: SnapshotPorts): Promise<void> => {
    const { snapshot: traced, events: all } = ports;
    const linked = tracer.active
      ? await inSlices(dispatcher.linkTraced({ ...ports, events: tracer.behind(all, traced) }))
      : null;
    dispatcher.useTraced(linked);
  };
  if (tracer.active) void linkTraced(inForce);
  const apply = async (packed: PackedValue): Promise<void> => {
    const next = await inSlices(unpack<Snapshot>(packed));
    const forward = new LaterPort();
    const nextRedaction = createRedaction(next.audit.redact);
    const nextEvents = eventsOf(next, nextRedaction);
    const diagnosing = createDiagnosing(next, taps, clock);
    const nextPorts = { snapshot: next, forward, events: nextEvents, redaction: nextRedaction, diagnosing };
    const linked = await inSlices(dispatcher.link(nextPorts));
    // From here on nothing waits: a request meets all of a definition or nothing of it.
    const nextEgress = egressOf(next);
    inForce = nextPorts;
    dispatcher.useTraced(null);
    forward.port = forwarder.update({ backends: next.backends, egress: next.egress });
    events = nextEvents;
    dispatcher.use(linked);
    currentEgress.close?.();
    currentEgress = nextEgress;
    tokens.update(next.providers);
    sessions.update(next.providers);
    basic.use(next.basicUsers ?? []);
    actorHeader = next.actorHeader;
    const nextLookups = lookupsOf(next.providers);
    if (nextLookups !== groupLookups) groupFinder = askGroups();
    groupLookups = nextLookups;
    groups = new PrincipalGroups(groupFinder, next.providers);
    connectionTokens = askConnection();
    certificateStatuses.forget();
    setExpressionTime(next.edge.limits.expressionMs);
    bodies.maxBytes = next.edge.limits.policyBodyBytes;
    cache.resize(next.cache.entryBytes, next.cache.bytes);
    externalCache.use(next.cache.external ?? null, next.cache.entryBytes);
    edge.update(next.edge);
    certificatesOnDemand = next.certificatesOnDemand;
    traceContexts.use(next.traces);
    await linkTraced(inForce);
  };
  let applied = Promise.resolve();

  return {
    edge,
    listen: async () => {
      // Keys are there before the first token is, or the provider is down and says so in its refusals.
      await tokens.ready();
      await edge.listen();
    },
    apply: (packed) => {
      const turn = applied.then(() => apply(packed));
      applied = turn.catch(() => {});
      return turn;
    },
    trace: (credentials) => {
      const turn = applied.then(() => {
        tracer.use(credentials);
        return linkTraced(inForce);
      });
      applied = turn.catch(() => {});
      return turn;
    },
    swapKeys: (handle) => keys.swap(handle),
    swapUsers: (handle) => users.swap(handle),
    setAssertionKey: (key) => assertions.use(key),
    review: () => dispatcher.review(),
    revoke: (change) => {
      revocations.apply(change);
      dispatcher.review();
    },
    setApiLevels: (levels) => apiLog.use(levels),
    setRevoked: (revoked) => {
      edge.setRevoked(revoked);
      certificateStatuses.forget();
      dispatcher.review();
    },
    setGrants: (changes) => {
      if (grants.set(changes)) dispatcher.review();
    },
    changeSessions: (handles) => {
      sessions.changed(handles);
      reviews.ask();
    },
    learnProbe: (key, up) => forwarder.learnProbe(key, up),
    targetStatus: () => forwarder.targetStatus(),
    drain: async (deadlineMs) => {
      await edge.drain(deadlineMs);
      await Promise.all([transforms.close(), comparisons.close()]);
      await passwords.close();
      await sink.settled();
      clearInterval(telling);
      clearInterval(tellingInsights);
      tell();
      tellInsights();
      await usageTeller.close();
      traceFeed.close();
      tokens.close();
      forwarder.close();
      currentEgress.close?.();
      fastCgi.close();
      externalCache.close();
      control.close();
    },
  };
}

/** Routes are linked before their backends are in force: until then nobody is routed by them. */
class LaterPort implements ForwardPort {
  port: ForwardPort | null = null;

  forward(exchange: Exchange, permit: Permit): Promise<UpstreamResponse> {
    if (this.port !== null) return this.port.forward(exchange, permit);
    return Promise.reject(new GatewayError("internal", 500, "a snapshot forwards before it is in force"));
  }
}

function cacheOf(
  { cache }: Snapshot,
  { cacheVersions }: SharedHandles,
  control: ControlClient<WorkerCalls>,
  clock: Clock,
): CacheClient {
  return new CacheClient({
    versions: cacheVersions,
    calls: {
      get: (key) => control.call("cache.get", key),
      put: (key, entry) => control.call("cache.put", { key, entry }).then(() => undefined),
      remove: (key) => control.call("cache.remove", key).then(() => undefined),
    },
    maxEntryBytes: cache.entryBytes,
    maxBytes: cache.bytes,
    now: () => clock.now(),
  });
}

function logTo(say: (message: FromWorker) => void): Log {
  const at =
    (level: "info" | "warn" | "error") =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}): void =>
      say({ type: "log", level, message, fields });
  return { info: at("info"), warn: at("warn"), error: at("error") };
}
