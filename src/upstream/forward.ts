import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { DenseSet } from "#lib/dense-set.ts";
import type { BodySource } from "#model/body.ts";
import type { Backend } from "#model/definition.ts";
import { GatewayError } from "#model/errors.ts";
import type { Exchange } from "#model/exchange.ts";
import type { Permit, PermitAuthority } from "#model/permit.ts";
import type { Clock, ForwardPort, Log, UpstreamResponse } from "#model/ports.ts";
import type { TargetStatus } from "#model/target-health.ts";
import { defaultResponseLimits, type ResponseLimits } from "#wire/http1-response-parser.ts";
import { TimerWheel } from "#wire/timer-wheel.ts";
import type { RandomFraction } from "./balance/balancer.ts";
import type { EgressOptions, ResolveAll } from "./egress.ts";
import { changeLogger } from "./health/change-log.ts";
import { allMine, type ProbeShare, Probes } from "./health/probes.ts";
import { Routing, type ForwardSettings, type RoutingContext } from "./routing.ts";
import type { TargetContext } from "./targets.ts";
import { UpstreamCall, type CallHost } from "./upstream-call.ts";

export interface ForwarderOptions extends ForwardSettings {
  /** Of this worker's permit authority. */
  readonly check: PermitAuthority["check"];
  readonly clock: Clock;
  /** Listeners of this gateway, public and admin. */
  readonly ownAddresses: EgressOptions["ownAddresses"];
  /** Paths of its Unix sockets. Default: none. */
  readonly ownSockets?: readonly string[];
  /** Default: one of its own, ticking each 50 ms. */
  readonly wheel?: TimerWheel;
  readonly limits?: ResponseLimits;
  /** Longest silence within a response's body while its reader wants more. Default 5 min. */
  readonly bodyIdleMs?: number;
  /** Longest wait for a free connection. Default 5 s. */
  readonly waitMs?: number;
  /** Default: the system's resolver. */
  readonly resolve?: ResolveAll;
  readonly localAddresses?: () => readonly string[];
  /** PEM text behind `Backend.ca` when that is a file name; default reads the file. Called at creation and update only. */
  readonly readCa?: (file: string) => string;
  /** Default: `Math.random`. */
  readonly random?: RandomFraction;
  /** Key of sticky cookies, 32 to 64 bytes, the same in all workers. Default: a random one. */
  readonly stickyKey?: Uint8Array;
  /** Default: this worker probes every target. */
  readonly probeShare?: ProbeShare;
  /** Told when a target goes down or comes back, once for each change. */
  readonly log?: Log;
  /** Who answers queries for discovered backends. Default: the server that the backend names, or the system's. */
  readonly nameServer?: TargetContext["nameServer"];
}

export interface Forwarder extends ForwardPort {
  /** The port for exchanges routed by the definition in force now: it stays with that one, as those of `update` do. */
  port(): ForwardPort;
  /**
   * Takes another definition. Backends that are the same keep their connections and health.
   * @returns the port for exchanges routed by that definition; ports returned before go on with theirs, so an
   * exchange that is under way during a reload never meets the index of another definition.
   * @throws GatewayError `definition-invalid`; the definition before stays.
   */
  update(settings: ForwardSettings): ForwardPort;
  /**
   * The client of `exchange` went away: destroys the upstream connection at once, rejects a pending `forward` with
   * `client-aborted`; a body under way stops without another call. Safe at any time.
   */
  abort(exchange: Exchange): void;
  /** Probes backends with a `health` setting until `close`; follows updates. */
  startHealthChecks(): void;
  /** What another worker's probe of a target found. */
  learnProbe(key: string, up: boolean): void;
  /** How the targets of the definition in force are, as this worker sees them. Plain data. */
  targetStatus(): readonly TargetStatus[];
  /** Ends everything under way; further calls are refused with `upstream-unavailable`. */
  close(): void;
}

export function createForwarder(options: ForwarderOptions): Forwarder {
  return new PooledForwarder(options);
}

class PooledForwarder implements Forwarder, CallHost {
  readonly clock: Clock;
  readonly #check: PermitAuthority["check"];
  readonly #context: RoutingContext;
  readonly wheel: TimerWheel;
  readonly #ownsWheel: boolean;
  readonly #probes: Probes;
  readonly #inFlight: DenseSet<UpstreamCall> = new DenseSet();
  readonly #claimed: WeakSet<BodySource> = new WeakSet();
  #routing: Routing;
  #backends: readonly Backend[];
  #closed = false;

  constructor(options: ForwarderOptions) {
    this.clock = options.clock;
    this.#check = options.check;
    this.wheel = options.wheel ?? new TimerWheel(options.clock);
    this.#ownsWheel = options.wheel === undefined;
    this.#context = contextOf(options, this.wheel, () => this.#followTargets());
    this.#routing = new Routing(options, this.#context, null);
    this.#probes = new Probes(this.#context.pool, this.#context.random, options.probeShare ?? allMine);
    this.#backends = options.backends;
    this.#followTargets();
  }

  forward(exchange: Exchange, permit: Permit): Promise<UpstreamResponse> {
    return this.#forward(exchange, permit, this.#routing);
  }

  update(settings: ForwardSettings): ForwardPort {
    const before = this.#routing;
    const routing = new Routing(settings, this.#context, before);
    this.#routing = routing;
    before.retire(routing);
    this.#backends = settings.backends;
    this.#followTargets();
    return this.port();
  }

  port(): ForwardPort {
    const routing = this.#routing;
    return { forward: (exchange, permit) => this.#forward(exchange, permit, routing) };
  }

  abort(exchange: Exchange): void {
    callOf(exchange)?.abort();
  }

  startHealthChecks(): void {
    this.#probes.start();
  }

  learnProbe(key: string, up: boolean): void {
    this.#probes.learn(key, up);
  }

  targetStatus(): readonly TargetStatus[] {
    return this.#routing.sets.flatMap(({ name, targets }) => targets.map((target) => target.status(name)));
  }

  close(): void {
    this.#closed = true;
    this.#probes.stop();
    this.#inFlight.visit((call) => call.shutDown());
    this.#routing.retire(null);
    if (this.#ownsWheel) this.wheel.close();
  }

  done(call: UpstreamCall, exchange: Exchange): void {
    this.#inFlight.delete(call);
    if (exchange.forwarding === call) exchange.forwarding = null;
  }

  claimBody(body: BodySource): boolean {
    if (this.#claimed.has(body)) return false;
    this.#claimed.add(body);
    return true;
  }

  #followTargets(): void {
    if (!this.#closed) this.#probes.follow(this.#backends, this.#routing.sets);
  }

  /** The permit comes first: without it not even a look-up is made. Refusals reject, so that there is one way to fail. */
  #forward(exchange: Exchange, permit: Permit, routing: Routing): Promise<UpstreamResponse> {
    try {
      this.#check(permit, exchange, exchange.principal);
      const call = this.#admit(exchange, routing);
      return new Promise((resolve, reject) => call.run(resolve, reject));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #admit(exchange: Exchange, routing: Routing): UpstreamCall {
    if (this.#closed) throw new GatewayError("upstream-unavailable", 503, "the gateway is shutting down");
    if (exchange.aborted) throw new GatewayError("client-aborted", 499, "the client went away", { source: "client" });
    const before = callOf(exchange);
    if (before !== null && !before.supersede()) {
      throw new GatewayError("internal", 500, "the exchange is already being forwarded");
    }
    const call = new UpstreamCall(this, exchange, routing.resolve(exchange), routing.proxyFor(exchange));
    exchange.forwarding = call;
    this.#inFlight.add(call);
    return call;
  }
}

function callOf(exchange: Exchange): UpstreamCall | null {
  return exchange.forwarding instanceof UpstreamCall ? exchange.forwarding : null;
}

function contextOf(options: ForwarderOptions, wheel: TimerWheel, moved: () => void): RoutingContext {
  const { ownAddresses, ownSockets, resolve, localAddresses } = options;
  return {
    clock: options.clock,
    pool: {
      wheel,
      limits: options.limits ?? defaultResponseLimits,
      bodyIdleMs: options.bodyIdleMs ?? 300_000,
      waitMs: options.waitMs ?? 5000,
    },
    readCa: options.readCa ?? ((file) => readFileSync(file, "utf8")),
    random: options.random ?? Math.random,
    stickyKey: options.stickyKey ?? randomBytes(32),
    ...(options.log === undefined ? {} : { log: options.log, changed: changeLogger(options.log) }),
    ...(options.nameServer === undefined ? {} : { nameServer: options.nameServer }),
    moved,
    answers: new Map(),
    egress: {
      ownAddresses,
      ...(ownSockets === undefined ? {} : { ownSockets }),
      ...(resolve === undefined ? {} : { resolve }),
      ...(localAddresses === undefined ? {} : { localAddresses }),
    },
  };
}
