import type { LookupAddress } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import type { BackendTarget } from "#model/balancing.ts";
import type { Backend } from "#model/definition.ts";
import { createPool } from "#wire/create-pool.ts";
import type { PoolSettings } from "#wire/pool.ts";
import { type Destination, parseBackendDestination, parseDestination } from "./destination.ts";
import { dialTarget } from "./dial-target.ts";
import type { Endpoint } from "./discovery/endpoints.ts";
import type { BackendRules } from "./draft-head.ts";
import type { Outliers } from "./health/outliers.ts";
import { TargetHealth } from "./health/target-health.ts";
import { UpstreamTarget, type UpstreamTargetParts } from "./target.ts";
import type { CheckDeclared, TargetContext } from "./targets.ts";
import type { TlsContexts } from "./tls-contexts.ts";
import { wayPools } from "./way-pool.ts";

/** Makes the targets of one backend, those that it names and those that are found later. */
export class TargetMaker {
  readonly #backend: Backend;
  readonly #context: TargetContext;
  readonly #checkDeclared: CheckDeclared;
  readonly #contexts: TlsContexts | null;
  readonly #pool: PoolSettings;
  readonly #healthOf: () => TargetHealth;

  /**
   * @param contexts null: no target is reached over TLS
   * @param outliers null: targets are not compared
   */
  constructor(
    backend: Backend,
    context: TargetContext,
    checkDeclared: CheckDeclared,
    contexts: TlsContexts | null,
    outliers: Outliers | null,
  ) {
    this.#backend = backend;
    this.#context = context;
    this.#checkDeclared = checkDeclared;
    this.#contexts = contexts;
    this.#pool = {
      ...context.pool,
      connectTimeoutMs: backend.connectTimeoutMs,
      maxConnections: backend.maxConnections,
      maxWaiting: backend.maxWaiting,
      idleTimeoutMs: backend.idleTimeoutMs,
    };
    const { health: probes, passiveHealth: passive, circuitBreaker: breaker } = backend;
    this.#healthOf = () => new TargetHealth(context.clock, { probes, passive, breaker, outliers });
  }

  /** @throws GatewayError `egress-refused` */
  fromUrl({ url, weight, priority }: BackendTarget, rules: BackendRules | null = null): UpstreamTarget {
    const destination = parseBackendDestination(url);
    const lookup = this.#checkDeclared(destination)?.lookup ?? null;
    return this.#make(destination, lookup, { weight, priority, rules });
  }

  /** @throws GatewayError `egress-refused` for a name that is none, and for addresses that are not to be reached */
  fromEndpoint({ key, host, port, addresses, weight, priority }: Endpoint): UpstreamTarget {
    const { scheme, basePath } = this.#backend.discover as NonNullable<Backend["discover"]>;
    const origin = (name: string): string => `${scheme}://${name.includes(":") ? `[${name}]` : name}:${port}`;
    for (const address of addresses) this.#checkDeclared(parseDestination(origin(address)));
    const destination = parseDestination(`${origin(host)}${basePath}`);
    const share = { weight, priority, address: `${scheme}://${key}${basePath}` };
    return this.#make(destination, fixedLookup(addresses), share);
  }

  #make(
    destination: Destination,
    lookup: LookupFunction | null,
    share: Pick<UpstreamTargetParts, "weight" | "priority" | "address" | "rules">,
  ): UpstreamTarget {
    const { clock, changed } = this.#context;
    const { name, slowStartMs, maxActive } = this.#backend;
    const contexts = destination.secure ? this.#contexts : null;
    const dialled = dialTarget(this.#backend, destination, contexts?.plain ?? null, lookup);
    const pool = createPool(dialled, this.#pool);
    const health = this.#healthOf();
    const target = new UpstreamTarget({
      destination,
      pool,
      wayPool: wayPools(dialled, this.#pool, contexts),
      clock,
      health,
      slowStartMs,
      maxActive,
      ...share,
    });
    health.onChange = (condition, before, heard) => {
      if (condition === "up") target.startSlowly();
      if (!heard) changed?.(target.status(name), before);
    };
    return target;
  }
}

/** Dialling asks nobody: the addresses are those of the answer that made the target. */
function fixedLookup(addresses: readonly string[]): LookupFunction {
  const all: readonly LookupAddress[] = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_host, options, done) => {
    if (options.all === true) return done(null, all.slice());
    const [first] = all as [LookupAddress];
    return done(null, first.address, first.family);
  };
}
