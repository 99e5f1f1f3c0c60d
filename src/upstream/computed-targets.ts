import { GatewayError } from "#model/errors.ts";
import { Pool, type PoolSettings } from "#wire/pool.ts";
import type { Destination } from "./destination.ts";
import type { EgressLeave } from "./egress.ts";
import { TargetHealth } from "./health/target-health.ts";
import { UpstreamTarget } from "./target.ts";
import { TargetSet } from "./target-set.ts";
import type { TargetContext } from "./targets.ts";
import type { TlsContexts } from "./tls-contexts.ts";
import { wayPools } from "./way-pool.ts";

const connectTimeoutMs = 3000;
const maxConnections = 64;
const maxWaiting = 64;
const idleTimeoutMs = 30_000;
const maxSets = 256;

/**
 * Targets that a request chose by an expression. Their number is the client's to influence, so it is bounded: unused
 * ones make room, and when all are in use a further one is refused.
 */
export class ComputedTargets {
  readonly #context: TargetContext;
  readonly #contexts: TlsContexts;
  readonly #sets: Map<string, TargetSet> = new Map();

  constructor(context: TargetContext, contexts: TlsContexts) {
    this.#context = context;
    this.#contexts = contexts;
  }

  /**
   * `declared`: the base URL stands in the definition as it is.
   * @throws GatewayError `upstream-unavailable` when too many are in use.
   */
  get(destination: Destination, declared: boolean, leave: EgressLeave | null): TargetSet {
    // Connections dialled without the address check must not serve those that need it.
    const key = `${declared ? "declared" : "computed"} ${destination.origin}${destination.basePath}`;
    const known = this.#sets.get(key);
    if (known !== undefined) return known;
    if (this.#sets.size >= maxSets) this.#makeRoom();
    const made = this.#make(destination, leave);
    this.#sets.set(key, made);
    return made;
  }

  retire(): void {
    for (const set of this.#sets.values()) set.retire();
    this.#sets.clear();
  }

  #make(destination: Destination, leave: EgressLeave | null): TargetSet {
    const settings: PoolSettings = {
      ...this.#context.pool,
      connectTimeoutMs,
      maxConnections,
      maxWaiting,
      idleTimeoutMs,
    };
    const { host, port, secure } = destination;
    const contexts = secure ? this.#contexts : null;
    const dialled = { host, port, tls: contexts?.plain ?? null, lookup: leave?.lookup ?? null };
    const pool = new Pool(dialled, settings);
    const { clock } = this.#context;
    const target = new UpstreamTarget({
      destination,
      pool,
      wayPool: wayPools(dialled, settings, contexts),
      clock,
      health: new TargetHealth(clock),
    });
    // What a policy names is another service than the one that the client asked for, by a name of its own.
    return new TargetSet({ name: destination.origin, host: "upstream", balancer: () => 0 }, [target]);
  }

  #makeRoom(): void {
    for (const [key, set] of this.#sets) {
      if (!set.targets.every(({ isIdle }) => isIdle)) continue;
      this.#sets.delete(key);
      return;
    }
    throw new GatewayError("upstream-unavailable", 503, "too many computed destinations are in use");
  }
}
