import { Buffer } from "node:buffer";
import { randomBytes, randomInt, randomUUID } from "node:crypto";
import { CoderRoom } from "#content/compress.ts";
import { FileRoom } from "#content/file-room.ts";
import { createEdge } from "#edge/edge.ts";
import type { Edge } from "#edge/edge-types.ts";
import { Assertions } from "#identity/assertions.ts";
import { createTrustedTokens } from "#identity/trusted-tokens.ts";
import { unrevokedTokens } from "#identity/unrevoked.ts";
import { createUuid7 } from "#lib/uuid7.ts";
import { atOnce } from "#lib/slices.ts";
import type { AssertionKey } from "#model/assertion.ts";
import type { GrantsOf } from "#model/grants.ts";
import type { ApiLevel } from "#model/logs.ts";
import type { RevocationChange } from "#model/identity-revocation.ts";
import { createPermitAuthority, type PermitAuthority } from "#model/permit.ts";
import type { RateLimiter } from "#model/ports.ts";
import type { Snapshot } from "#model/snapshot.ts";
import type { TargetStatus } from "#model/target-health.ts";
import type { DebugCredential } from "#model/tracing.ts";
import { createDispatcher, type Dispatcher } from "#pipeline/dispatcher.ts";
import { BodyRoom } from "#policy/body-room.ts";
import { TapRoom } from "#telemetry/insights/body-tap.ts";
import { attachConcurrency } from "#threads/concurrency.ts";
import type { SharedKeyIndex } from "#threads/key-index.ts";
import { attachLimiter } from "#threads/limiter.ts";
import { limiterId } from "#threads/limiter-id.ts";
import type { PackedValue } from "#threads/packed/packed-value.ts";
import { unpack } from "#threads/packed/unpack.ts";
import { attachQuota } from "#threads/quota.ts";
import { attachRingWriter } from "#threads/ring-writer.ts";
import { ApiLevels } from "#app/api-levels.ts";
import { KnownStatuses } from "#app/known-statuses.ts";
import type { FromWorker, WorkerStart } from "#app/messages.ts";
import { RareReviews } from "#app/rare-reviews.ts";
import { RecordSink } from "#app/record-sink.ts";
import { exchangeOfRefusal } from "#app/refused-exchange.ts";
import { sayOnce } from "#app/say-once.ts";
import { type ComparisonPool, createComparisonPool } from "#app/shadow/comparison-pool.ts";
import { Mirror } from "#app/shadow/mirror.ts";
import { boundedSite } from "#app/site-calls.ts";
import { RequestTracer } from "#app/tracing/request-tracer.ts";
import { createTransformThreads } from "#app/transform-threads.ts";
import { createCaches } from "./caches.ts";
import { createCallers } from "./callers.ts";
import { InForce, type WorkerParts } from "./in-force.ts";
import { createTelling } from "./telling.ts";
import { createTools } from "./tools.ts";
import { createUpstreams } from "./upstreams.ts";

/** As long as a handshake may take at most; main gives up before. */
const handshakePatienceMs = 10_000;
/** A page may ask a provider, which main gives up before. */
const sitePatienceMs = 30_000;
/** For all the places that a certificate and its issuers name; main gives each of them up before. */
const statusPatienceMs = 30_000;
/** For a change of the internal CA. */
const acmePatienceMs = 10_000;
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
  const snapshot = atOnce(unpack<Snapshot>(start.snapshot));
  const { mint, check } = createPermitAuthority();
  const tools = createTools(start, snapshot, check, say);
  const { clock, log, control } = tools;
  const apiLog = new ApiLevels(start.logLevel, (level, message, fields) =>
    say({ type: "api-log", level, message, fields }),
  );
  apiLog.use(start.apiLevels);
  const sink = new RecordSink(attachRingWriter(start.shared.ring), clock, log, {
    durability: snapshot.audit.durability,
  });
  const rateLimiter = attachLimiter(start.shared.limiter, start.generation, clock);
  const callers = createCallers(tools, snapshot, rateLimiter);
  const caches = createCaches(tools, snapshot);
  const tracer = new RequestTracer(clock, (trace) => say({ type: "trace", trace }));
  tracer.use(start.debugCredentials);
  const parts: WorkerParts = {
    tools,
    callers,
    upstreams: createUpstreams(tools, snapshot),
    caches,
    telling: createTelling(tools, snapshot, sink, callers.keys, caches),
    certificateStatuses: new KnownStatuses(
      (path) => control.call("certificate.status", { path }, statusPatienceMs),
      clock,
    ),
    bodies: new BodyRoom(snapshot.edge.limits.policyBodyBytes, policyBodiesBytes),
    taps: new TapRoom(tappedBytes),
    tracer,
    dispatcher: () => dispatcher,
    edge: () => edge,
  };
  const inForce = new InForce(parts, snapshot);
  const own: OwnParts = {
    sink,
    apiLog,
    rateLimiter,
    assertions: new Assertions({ clock, newId: () => randomUUID() }, start.assertionKey),
    transforms: createTransformThreads(log),
    comparisons: createComparisonPool(log),
    mint,
  };
  const dispatcher = openDispatcher(parts, inForce, own);
  const edge = openEdge(parts, inForce);
  parts.upstreams.forwarder.startHealthChecks();
  if (tracer.active) void inForce.linkTraced();
  return runtimeOf(parts, inForce, own);
}

interface OwnParts {
  readonly sink: RecordSink;
  readonly apiLog: ApiLevels;
  readonly rateLimiter: RateLimiter;
  readonly assertions: Assertions;
  readonly transforms: ReturnType<typeof createTransformThreads>;
  readonly comparisons: ComparisonPool;
  /** For the dispatcher's handles, and nobody else. */
  readonly mint: PermitAuthority["mint"];
}

function openDispatcher(parts: WorkerParts, inForce: InForce, own: OwnParts): Dispatcher {
  const { tools, callers, upstreams, caches, telling, certificateStatuses, bodies } = parts;
  const { start, clock, log, control, check, egress, say } = tools;
  const { shared, generation } = start;
  const { rateLimiter, assertions, transforms, apiLog } = own;
  const { users, authenticate } = callers;
  const { managedIdentity, connections, backendTokens, fastCgi } = upstreams;
  return createDispatcher({
    first: inForce.ports,
    tracing: parts.tracer,
    ports: {
      tokens: unrevokedTokens(callers.tokens, callers.revocations),
      trustedTokens: createTrustedTokens({ egress, clock, log }),
      rateLimiter,
      limiterId,
      quota: attachQuota(shared.quota, generation, clock, (counter, windowStart, amount, limit, windowEnd) =>
        control.call("quota.lease", { counter, windowStart, amount, limit, windowEnd }),
      ),
      concurrency: attachConcurrency(shared.concurrency, generation, start.index),
      clock,
      log,
      apiLog,
      policyMeter: telling.policyMeter,
      cache: caches.own,
      externalCache: () => caches.external.get(),
      bodies,
      transforms,
      managedIdentity,
      connections,
      certificateStatuses,
      egress,
    },
    handlerPorts: {
      check,
      files: new FileRoom(() => clock.mono()),
      coders: new CoderRoom(),
      fastCgi,
      backendTokens,
      assertions,
      acme: (server, request) => control.call("acme.request", { server, request }, acmePatienceMs),
    },
    handles: {
      clock,
      log,
      bodies,
      knownUsers: { users, onSeen: sayOnce(clock, (user) => say({ type: "user-seen", user })) },
      isRevoked: (certificate) => parts.edge().isRevoked(certificate),
      certificateStatuses,
      mint: own.mint,
      shadowing: openMirror(parts, own),
      site: boundedSite((request) => control.call("site.request", request, sitePatienceMs)),
      assertions,
      authenticate,
    },
    admission: () => own.sink.admission,
  });
}

/** However much is compared, policies and diagnostics have their memory. */
function openMirror({ tools, telling }: WorkerParts, { comparisons }: OwnParts): Mirror {
  const { egress, clock, log, check } = tools;
  return new Mirror({
    egress,
    counts: telling.shadowCounts,
    pool: comparisons,
    clock,
    log,
    taps: new TapRoom(shadowBytes),
    bodies: new BodyRoom(shadowBytes, shadowBytes),
    check,
    random: () => randomInt(2 ** 32) / 2 ** 32,
  });
}

function openEdge({ tools, telling, dispatcher }: WorkerParts, inForce: InForce): Edge {
  const { start, clock, log, control, say } = tools;
  const { traceContexts } = telling;
  const { https, http } = start;
  const dispatching = dispatcher();
  return createEdge({
    settings: { ...inForce.snapshot.edge, https, http },
    certificates: start.certificates,
    internalRoots: start.internalRoots,
    revoked: start.revoked,
    findList: (issuer) => control.call("certificate.list", { issuer }),
    challenges: start.challenges,
    staples: start.staples,
    onDemand: {
      enabled: () => inForce.snapshot.certificatesOnDemand,
      obtain: (name) => control.call("certificate.demand", { name }, handshakePatienceMs),
    },
    onConnectionsEnded: (ended) => say({ type: "connections-ended", ended }),
    onClientIssuer: (der) => say({ type: "client-issuer", der }),
    onExchange: (exchange) => {
      exchange.trace = traceContexts.begin(exchange.facts.headers);
      dispatching.handle(exchange);
    },
    onRefused: (refused) => {
      const { events } = inForce;
      return (events.strict ?? events).finished(exchangeOfRefusal(refused, clock.mono()));
    },
    clock,
    newId: createUuid7(randomBytes, () => clock.now()),
    log,
    ticketKeys: Buffer.from(start.ticketKeys),
    reusePort: start.reusePort,
  });
}

function runtimeOf(parts: WorkerParts, inForce: InForce, own: OwnParts): WorkerRuntime {
  const { callers, upstreams, certificateStatuses } = parts;
  const { keys, users, sessions, grants, revocations, tokens } = callers;
  const dispatcher = parts.dispatcher();
  const edge = parts.edge();
  const reviews = new RareReviews(() => dispatcher.review());
  return {
    edge,
    listen: async () => {
      // Keys are there before the first token is, or the provider is down and says so in its refusals.
      await tokens.ready();
      await edge.listen();
    },
    apply: (packed) => inForce.apply(packed),
    trace: (credentials) => inForce.trace(credentials),
    swapKeys: (handle) => keys.swap(handle),
    swapUsers: (handle) => users.swap(handle),
    setAssertionKey: (key) => own.assertions.use(key),
    review: () => dispatcher.review(),
    revoke: (change) => {
      revocations.apply(change);
      dispatcher.review();
    },
    setApiLevels: (levels) => own.apiLog.use(levels),
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
    learnProbe: (key, up) => upstreams.forwarder.learnProbe(key, up),
    targetStatus: () => upstreams.forwarder.targetStatus(),
    drain: (deadlineMs) => drain(parts, own, deadlineMs),
  };
}

/** Clients first; then what their requests have left to be written and told; then what nobody asks any more. */
async function drain(
  parts: WorkerParts,
  { sink, transforms, comparisons }: OwnParts,
  deadlineMs: number,
): Promise<void> {
  const { tools, callers, upstreams, caches, telling } = parts;
  await parts.edge().drain(deadlineMs);
  await Promise.all([transforms.close(), comparisons.close()]);
  await callers.closePasswords();
  await sink.settled();
  await telling.close();
  callers.tokens.close();
  upstreams.forwarder.close();
  tools.egress.close();
  upstreams.fastCgi.close();
  caches.external.close();
  tools.control.close();
}
