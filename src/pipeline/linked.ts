import { ForwardAuthDoor } from "#edge/forward-auth.ts";
import { createTrust, type Trust } from "#edge/trust.ts";
import { type CoderRoom, Compressor } from "#content/compress.ts";
import { mapSteps, type Steps } from "#lib/slices.ts";
import type { Compression } from "#model/compression.ts";
import type { EdgeSettings } from "#model/definition.ts";
import { GatewayError } from "#model/errors.ts";
import type { Exchange } from "#model/exchange.ts";
import type { Handler } from "#model/handler.ts";
import type { Maintenance } from "#model/maintenance.ts";
import type { OwnCertificate } from "#model/own-certificate.ts";
import type { Permit } from "#model/permit.ts";
import type { EventSink, ForwardPort } from "#model/ports.ts";
import type { AccessPlan, ApiFacts, Snapshot } from "#model/snapshot.ts";
import { linkAccess, type LinkedAccess } from "#policy/access.ts";
import type { PolicyPorts } from "#policy/context.ts";
import { type LinkedChain, linkChain } from "#policy/link.ts";
import { OwnCertificates } from "#policy/own-certificates.ts";
import { createAskAuthService } from "./ask-auth-service.ts";
import { type LinkedMaintenance, linkMaintenance } from "#policy/maintenance.ts";
import { type HandlerPorts, linkHandler, type LinkedHandler } from "./handlers/link-handlers.ts";
import { policyEgress } from "./policy-egress.ts";
import { createRouter, type Router } from "./router.ts";
import { SiteDoor } from "./site-door.ts";
import { upstreamHeaders } from "./upstream-headers.ts";

/**
 * A snapshot made runnable on this worker: routers and policies as closures. Swapped in as one reference; an
 * exchange keeps the one it started with, so a reload never changes the rules under a request on its way.
 */
export interface LinkedSnapshot {
  readonly snapshot: Snapshot;
  readonly router: Router;
  readonly ownCertificates: ReadonlyMap<string, OwnCertificate>;
  /** By chain index. */
  readonly chains: readonly LinkedChain[];
  /** By route id. */
  readonly access: readonly LinkedAccess[];
  /** By route id: what answers, once the permit is there. */
  readonly handlers: readonly LinkedHandler[];
  /** By API index: proxies that its requests are believed from, those of the edge included; null: those of the edge alone. */
  readonly proxies: readonly (Trust | null)[];
  /** Answers proxies that ask about requests; null: none may. */
  readonly forwardAuth: ForwardAuthDoor | null;
  /** Null: the definition has no pages of the gateway's own. */
  readonly site: SiteDoor | null;
  /** By route id; null: responses go out as they are. */
  readonly compressors: readonly (Compressor | null)[];
  /** By route id; null: it is served. */
  readonly maintenance: readonly (LinkedMaintenance | null)[];
  /** Records exchanges under this snapshot. */
  readonly events: EventSink;
  /** Permits of exchanges that are in a backend section: `forward-request` spends them there. No policy sees one. */
  readonly permits: WeakMap<Exchange, Permit>;
}

/** Ports of the policies that do not depend on the snapshot. */
export type StablePorts = Omit<
  PolicyPorts,
  | "backends"
  | "loggers"
  | "schemas"
  | "ownCertificates"
  | "messaging"
  | "connectionUsers"
  | "forward"
  | "askAuthService"
  | "upstreamHeaders"
>;

/** What belongs to one snapshot and is made outside the pipeline. */
export interface SnapshotPorts {
  readonly snapshot: Snapshot;
  readonly forward: ForwardPort;
  readonly events: EventSink;
}

/** Ports of the handlers that do not depend on the snapshot. */
export interface StableHandlerPorts extends Omit<HandlerPorts, "forward" | "forwardedHeader" | "policies"> {
  readonly coders: CoderRoom;
}

/**
 * In steps: ten thousand routes linked in one go would keep the worker's requests waiting. Nothing is in force until
 * whoever takes the steps puts it there.
 * @throws GatewayError `definition-invalid`
 */
export function* linkSnapshot(
  { snapshot, forward, events }: SnapshotPorts,
  stable: StablePorts,
  stableOfHandlers: StableHandlerPorts,
): Steps<LinkedSnapshot> {
  const permits = new WeakMap<Exchange, Permit>();
  const policies: PolicyPorts = {
    ...stable,
    backends: snapshot.backends,
    loggers: snapshot.loggers,
    schemas: snapshot.schemas,
    ownCertificates: new OwnCertificates(snapshot.namedCertificates),
    messaging: snapshot.messaging,
    connectionUsers: snapshot.connectionUsers,
    askAuthService: createAskAuthService(stable.egress),
    egress: policyEgress(stable.egress),
    upstreamHeaders: (exchange) => upstreamHeaders(exchange, snapshot.edge.forwardedHeader),
  };
  const handlerPorts = { ...stableOfHandlers, forward, forwardedHeader: snapshot.edge.forwardedHeader, policies };
  const handlerFor = onceEach((handler: Handler) => linkHandler(handler, handlerPorts));
  const handlers = yield* mapSteps(snapshot.routes, ({ handler }) => handlerFor(handler));
  const ports: PolicyPorts = {
    ...policies,
    forward: (exchange, timeoutMs) => {
      const permit = permits.get(exchange);
      if (permit === undefined) throw new GatewayError("permit-forged", 500, "forward-request ran before the permit");
      if (timeoutMs !== undefined) exchange.request.timeoutMs = timeoutMs;
      return handlerOf(handlers, exchange)(exchange, permit);
    },
  };
  const accessFor = onceEach((plan: AccessPlan) => linkAccess(plan, stable.clock));
  const compressorFor = onceEach((settings: Compression) => new Compressor(settings, stableOfHandlers.coders));
  const maintenanceFor = onceEach((settings: Maintenance) => linkMaintenance(settings, stable.clock));
  return {
    snapshot,
    router: createRouter(snapshot.router),
    ownCertificates: policies.ownCertificates.all,
    chains: yield* mapSteps(snapshot.chains, (chain) => linkChain(chain, ports)),
    access: yield* mapSteps(snapshot.routes, ({ access }) => accessFor(access)),
    handlers,
    proxies: yield* mapSteps(snapshot.apis, (api) => linkProxies(api, snapshot.edge)),
    forwardAuth: linkForwardAuth(snapshot.edge),
    site: snapshot.siteHosts.length === 0 ? null : new SiteDoor(snapshot.siteHosts),
    compressors: yield* mapSteps(snapshot.routes, ({ compression }) => compression && compressorFor(compression)),
    maintenance: yield* mapSteps(snapshot.routes, ({ maintenance }) => maintenance && maintenanceFor(maintenance)),
    events,
    permits,
  };
}

/** Routes share what is linked of what they share. */
function onceEach<Settings extends object, Linked>(
  link: (settings: Settings) => Linked,
): (settings: Settings) => Linked {
  const known = new Map<Settings, Linked>();
  return (settings) => {
    let linked = known.get(settings);
    if (linked === undefined) known.set(settings, (linked = link(settings)));
    return linked;
  };
}

function linkProxies({ trustedProxies }: ApiFacts, edge: EdgeSettings): Trust | null {
  return trustedProxies.length === 0 ? null : createTrust([...edge.trustedProxies, ...trustedProxies]);
}

function linkForwardAuth({ forwardAuth, trustedProxies }: EdgeSettings): ForwardAuthDoor | null {
  return forwardAuth === null ? null : new ForwardAuthDoor(forwardAuth, trustedProxies);
}

/** The handler of an exchange that has been routed. */
export function handlerOf(handlers: readonly LinkedHandler[], { route }: Exchange): LinkedHandler {
  const handler = route === null ? undefined : handlers[route.id];
  if (handler === undefined) throw new GatewayError("internal", 500, "the exchange has no route to end");
  return handler;
}

export function compressorOf({ compressors }: LinkedSnapshot, { route }: Exchange): Compressor | null {
  return route === null ? null : (compressors[route.id] ?? null);
}
