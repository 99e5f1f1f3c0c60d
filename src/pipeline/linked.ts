import { ForwardAuthDoor } from "#edge/forward-auth.ts";
import { type CoderRoom, Compressor } from "#content/compress.ts";
import { mapSteps, type Steps } from "#lib/slices.ts";
import type { Compression } from "#model/compression.ts";
import type { EdgeSettings } from "#model/definition.ts";
import type { ProviderUsers } from "#model/definition.ts";
import type { Diagnosing } from "#model/diagnostics.ts";
import { GatewayError } from "#model/errors.ts";
import type { Exchange } from "#model/exchange.ts";
import type { Handler } from "#model/handler.ts";
import type { Permit } from "#model/permit.ts";
import type { EventSink, ForwardPort } from "#model/ports.ts";
import type { Redaction } from "#model/redaction.ts";
import type { Snapshot } from "#model/snapshot.ts";
import type { PolicyPorts } from "#policy/context.ts";
import { type LinkedChain, linkChain } from "#policy/link.ts";
import { OwnCertificates } from "#policy/own-certificates.ts";
import { createAskAuthService } from "./ask-auth-service.ts";
import { type HandlerPorts, linkHandler, type LinkedHandler } from "./handlers/link-handlers.ts";
import { linkFileSearch } from "./handlers/file-search.ts";
import { linkErrorPages } from "./handlers/error-pages.ts";
import type { HeadersFor } from "./forward-with.ts";
import { addAssertion, type AssertionSigner, identityShown } from "./identity-shown.ts";
import { type LinkedDecisions, linkDecisions } from "./linked-decisions.ts";
import { onceEach } from "./once-each.ts";
import { policyEgress } from "./policy-egress.ts";
import { SiteDoor } from "./site-door.ts";
import { type BackendTokens, UpstreamAuthorization } from "./upstream-authorization.ts";
import { upstreamHeaders } from "./upstream-headers.ts";

/**
 * A snapshot made runnable on this worker: routers and policies as closures. Swapped in as one reference; an
 * exchange keeps the one it started with, so a reload never changes the rules under a request on its way.
 */
export interface LinkedSnapshot extends LinkedDecisions {
  /** By chain index. */
  readonly chains: readonly LinkedChain[];
  /** By name of the provider. */
  readonly userRules: ReadonlyMap<string, ProviderUsers>;
  /** By route id: what answers, once the permit is there. */
  readonly handlers: readonly LinkedHandler[];
  /** By index in `Snapshot.endings`. */
  readonly endings: readonly LinkedHandler[];
  /** Answers proxies that ask about requests; null: none may. */
  readonly forwardAuth: ForwardAuthDoor | null;
  /** Null: the definition has no pages of the gateway's own. */
  readonly site: SiteDoor | null;
  /** Records exchanges under this snapshot. */
  readonly events: EventSink;
  readonly redaction: Redaction | null;
  /** Null: the definition has no diagnostics. */
  readonly diagnosing: Diagnosing | null;
  /** Permits of exchanges that are in a backend section: `forward-request` spends them there. No policy sees one. */
  readonly permits: WeakMap<Exchange, Permit>;
}

/** Ports of the policies that do not depend on the snapshot. */
export type StablePorts = Omit<
  PolicyPorts,
  | "backends"
  | "endings"
  | "loggers"
  | "schemas"
  | "xmlSchemas"
  | "ownCertificates"
  | "messaging"
  | "fabricClusters"
  | "connectionUsers"
  | "forward"
  | "errorPage"
  | "askAuthService"
  | "upstreamHeaders"
>;

/** What belongs to one snapshot and is made outside the pipeline. */
export interface SnapshotPorts {
  readonly snapshot: Snapshot;
  readonly forward: ForwardPort;
  readonly events: EventSink;
  /** What is kept out of all that is said of its exchanges; null: credentials alone. */
  readonly redaction: Redaction | null;
  /** Absent: nothing is noted of its exchanges beside the record. */
  readonly diagnosing?: Diagnosing | null;
}

/** Ports of the handlers that do not depend on the snapshot. */
export interface StableHandlerPorts extends Omit<HandlerPorts, "forward" | "headersFor" | "policies"> {
  readonly coders: CoderRoom;
  readonly backendTokens: BackendTokens;
  readonly assertions: AssertionSigner;
}

/**
 * In steps: ten thousand routes linked in one go would keep the worker's requests waiting. Nothing is in force until
 * whoever takes the steps puts it there.
 * @throws GatewayError `definition-invalid`
 */
export function* linkSnapshot(
  { snapshot, forward, events, redaction, diagnosing = null }: SnapshotPorts,
  stable: StablePorts,
  stableOfHandlers: StableHandlerPorts,
): Steps<LinkedSnapshot> {
  const permits = new WeakMap<Exchange, Permit>();
  const policies: PolicyPorts = {
    ...stable,
    backends: snapshot.backends,
    endings: snapshot.endings.map(({ name }) => name),
    loggers: snapshot.loggers,
    schemas: snapshot.schemas,
    xmlSchemas: snapshot.xmlSchemas,
    ownCertificates: new OwnCertificates(snapshot.namedCertificates),
    messaging: snapshot.messaging,
    fabricClusters: snapshot.fabricClusters,
    connectionUsers: snapshot.connectionUsers,
    askAuthService: createAskAuthService(stable.egress),
    egress: policyEgress(stable.egress),
    upstreamHeaders: (exchange) => upstreamHeaders(exchange, snapshot.edge.forwardedHeader),
  };
  const { backendTokens, assertions } = stableOfHandlers;
  const authorization = new UpstreamAuthorization(snapshot.backends, backendTokens, stable.clock);
  const headersFor: HeadersFor = (exchange) => {
    const shown = identityShown(exchange, snapshot.backends);
    const headers = upstreamHeaders(exchange, snapshot.edge.forwardedHeader, shown.headers);
    if (shown.assertion) addAssertion(headers, exchange, assertions);
    const pending = authorization.apply(headers, exchange);
    return pending === undefined ? headers : pending.then(() => headers);
  };
  const handlerPorts = { ...stableOfHandlers, forward, headersFor, policies };
  const handlerFor = onceEach((handler: Handler) => linkHandler(handler, handlerPorts));
  const handlers = yield* mapSteps(snapshot.routes, ({ handler }) => handlerFor(handler));
  const endings = snapshot.endings.map(({ handler }) => handlerFor(handler));
  const ports: PolicyPorts = {
    ...policies,
    errorPage: linkErrorPages(snapshot.endings, stableOfHandlers.files),
    findFile: linkFileSearch(snapshot.endings, stableOfHandlers.files),
    forward: (exchange, timeoutMs) => {
      const permit = permits.get(exchange);
      if (permit === undefined) throw new GatewayError("permit-forged", 500, "forward-request ran before the permit");
      if (timeoutMs !== undefined) exchange.request.timeoutMs = timeoutMs;
      return handlerOf({ handlers, endings }, exchange)(exchange, permit);
    },
  };
  const compressorFor = onceEach((settings: Compression) => new Compressor(settings, stableOfHandlers.coders));
  return {
    ...(yield* linkDecisions(snapshot, stable.clock)),
    ownCertificates: policies.ownCertificates.all,
    chains: yield* mapSteps(snapshot.chains, (chain) => linkChain(chain, ports)),
    userRules: userRulesOf(snapshot),
    handlers,
    endings,
    forwardAuth: linkForwardAuth(snapshot.edge),
    site: snapshot.siteHosts.length === 0 ? null : new SiteDoor(snapshot.siteHosts),
    compressors: yield* mapSteps(snapshot.routes, ({ compression }) => compression && compressorFor(compression)),
    events,
    redaction,
    diagnosing,
    permits,
  };
}

function linkForwardAuth({ forwardAuth, trustedProxies }: EdgeSettings): ForwardAuthDoor | null {
  return forwardAuth === null ? null : new ForwardAuthDoor(forwardAuth, trustedProxies);
}

/** The handler of an exchange that has been routed, or the ending that a policy chose. */
export function handlerOf(
  { handlers, endings }: Pick<LinkedSnapshot, "handlers" | "endings">,
  { route, request }: Exchange,
): LinkedHandler {
  const own = route === null ? undefined : handlers[route.id];
  const handler = request.ending < 0 ? own : endings[request.ending];
  if (handler === undefined) throw new GatewayError("internal", 500, "the exchange has no route to end");
  return handler;
}

export function compressorOf(
  { compressors }: Pick<LinkedDecisions, "compressors">,
  { route }: Exchange,
): Compressor | null {
  return route === null ? null : (compressors[route.id] ?? null);
}

function userRulesOf({ providers }: Snapshot): ReadonlyMap<string, ProviderUsers> {
  return new Map(providers.flatMap(({ name, users }) => (users === null ? [] : [[name, users] as const])));
}
