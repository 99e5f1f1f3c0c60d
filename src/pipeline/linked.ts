import { ForwardAuthDoor } from "#edge/forward-auth.ts";
import { createTrust, type Trust } from "#edge/trust.ts";
import type { CoderRoom, Compressor } from "#content/compress.ts";
import type { Refusal } from "#model/decision.ts";
import type { EdgeSettings } from "#model/definition.ts";
import { GatewayError } from "#model/errors.ts";
import type { Exchange } from "#model/exchange.ts";
import type { Permit } from "#model/permit.ts";
import type { Egress, EventSink, ForwardPort } from "#model/ports.ts";
import type { ApiFacts, Snapshot } from "#model/snapshot.ts";
import { linkAccess } from "#policy/access.ts";
import type { PolicyPorts } from "#policy/context.ts";
import { type LinkedChain, linkChain } from "#policy/link.ts";
import { createAskAuthService } from "./ask-auth-service.ts";
import { type LinkedMaintenance, linkMaintenance } from "#policy/maintenance.ts";
import { linkCompressors } from "./link-compressors.ts";
import { type HandlerPorts, linkHandlers, type LinkedHandler } from "./handlers/link-handlers.ts";
import { createRouter, type Router } from "./router.ts";

/**
 * A snapshot made runnable on this worker: routers and policies as closures. Swapped in as one reference; an
 * exchange keeps the one it started with, so a reload never changes the rules under a request on its way.
 */
export interface LinkedSnapshot {
  readonly snapshot: Snapshot;
  readonly router: Router;
  /** By chain index. */
  readonly chains: readonly LinkedChain[];
  /** By route id. */
  readonly access: readonly ((exchange: Exchange) => Refusal | undefined)[];
  /** By route id: what answers, once the permit is there. */
  readonly handlers: readonly LinkedHandler[];
  /** By API index: proxies that its requests are believed from, those of the edge included; null: those of the edge alone. */
  readonly proxies: readonly (Trust | null)[];
  /** Answers proxies that ask about requests; null: none may. */
  readonly forwardAuth: ForwardAuthDoor | null;
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
export type StablePorts = Omit<PolicyPorts, "backends" | "forward" | "askAuthService"> & { readonly egress: Egress };

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

export function linkSnapshot(
  { snapshot, forward, events }: SnapshotPorts,
  stable: StablePorts,
  stableOfHandlers: StableHandlerPorts,
): LinkedSnapshot {
  const permits = new WeakMap<Exchange, Permit>();
  const policies: PolicyPorts = {
    ...stable,
    backends: snapshot.backends,
    askAuthService: createAskAuthService(stable.egress),
  };
  const handlers = linkHandlers(snapshot.routes, {
    ...stableOfHandlers,
    forward,
    forwardedHeader: snapshot.edge.forwardedHeader,
    policies,
  });
  const ports: PolicyPorts = {
    ...policies,
    forward: (exchange, timeoutMs) => {
      const permit = permits.get(exchange);
      if (permit === undefined) throw new GatewayError("permit-forged", 500, "forward-request ran before the permit");
      if (timeoutMs !== undefined) exchange.request.timeoutMs = timeoutMs;
      return handlerOf(handlers, exchange)(exchange, permit);
    },
  };
  return {
    snapshot,
    router: createRouter(snapshot.router),
    chains: snapshot.chains.map((chain) => linkChain(chain, ports)),
    access: snapshot.routes.map((route) => linkAccess(route.access, stable.clock)),
    handlers,
    proxies: snapshot.apis.map((api) => linkProxies(api, snapshot.edge)),
    forwardAuth: linkForwardAuth(snapshot.edge),
    compressors: linkCompressors(snapshot.routes, stableOfHandlers.coders),
    maintenance: snapshot.routes.map(({ maintenance }) =>
      maintenance === null ? null : linkMaintenance(maintenance, stable.clock),
    ),
    events,
    permits,
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
