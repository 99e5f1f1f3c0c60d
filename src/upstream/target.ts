import { hashText } from "#lib/hash32.ts";
import type { BackendTarget } from "#model/balancing.ts";
import type { Clock } from "#model/ports.ts";
import type { TargetCondition, TargetStatus } from "#model/target-health.ts";
import type { TransportPool } from "#wire/transport.ts";
import type { Candidate } from "./balance/balancer.ts";
import type { Destination } from "./destination.ts";
import type { BackendRules } from "./draft-head.ts";
import type { TargetHealth } from "./health/target-health.ts";
import { isOwnWay, type MakeWayPool, type Way } from "./way-pool.ts";

/** Proxies and certificates may be computed: their number is bounded. */
const maxWays = 32;
/** A target that comes back begins with this part of its weight. */
const slowestShare = 0.1;

export interface UpstreamTargetParts {
  readonly destination: Destination;
  readonly pool: TransportPool;
  /** Makes pools of connections by other ways; absent: there are none. */
  readonly wayPool?: MakeWayPool;
  readonly health: TargetHealth;
  readonly clock: Clock;
  /** Of the backend that it is; absent: those of the backend whose target it is. */
  readonly rules?: BackendRules | null;
  /** Default: where it is by its destination. */
  readonly address?: string;
  readonly weight?: BackendTarget["weight"];
  readonly priority?: BackendTarget["priority"];
  /** Requests of this worker under way; more go elsewhere. */
  readonly maxActive?: number;
  /** Until a target that came back has all its weight; 0: at once. */
  readonly slowStartMs?: number;
}

/** One place to send requests to: how to get there, how it is, and how much it has to do. */
export class UpstreamTarget implements Candidate {
  readonly destination: Destination;
  readonly pool: TransportPool;
  readonly #wayPool: MakeWayPool | undefined;
  /** By version, certificate and proxy; made on first use. */
  #ways: Map<string, TransportPool> | null = null;
  readonly health: TargetHealth;
  /** Null: those of its backend. */
  readonly rules: BackendRules | null;
  /** What tells it from the other targets of its backend. */
  readonly address: string;
  readonly seed: number;
  readonly #clock: Clock;
  #weight: number;
  readonly #maxActive: number;
  readonly #slowStartMs: number;
  /** Monotonic milliseconds; -1: not, or no longer. */
  #slowSince = -1;
  priority: number;
  order = 0;
  active = 0;
  turn = 0;

  constructor({ destination, pool, health, clock, ...parts }: UpstreamTargetParts) {
    this.destination = destination;
    this.pool = pool;
    this.#wayPool = parts.wayPool;
    this.health = health;
    this.rules = parts.rules ?? null;
    this.priority = parts.priority ?? 1;
    this.address = parts.address ?? `${destination.origin}${destination.basePath}`;
    this.seed = hashText(this.address);
    this.#clock = clock;
    this.#weight = parts.weight ?? 1;
    this.#maxActive = parts.maxActive ?? Infinity;
    this.#slowStartMs = parts.slowStartMs ?? 0;
  }

  get weight(): number {
    return this.#slowSince < 0 ? this.#weight : this.#weight * this.#share();
  }

  get isAvailable(): boolean {
    return this.active < this.#maxActive && this.health.isUp;
  }

  /** Nothing is under way, and no connection is open. */
  get isIdle(): boolean {
    if (!this.pool.isEmpty) return false;
    for (const pool of this.#ways?.values() ?? []) if (!pool.isEmpty) return false;
    return true;
  }

  /**
   * Connections that go that way, and serve nobody else; null: it cannot be reached so, and nothing goes around the
   * proxy, without the certificate, or in another version of HTTP.
   */
  poolFor(way: Way | null): TransportPool | null {
    if (way === null || isOwnWay(way, this.pool.target)) return this.pool;
    const { proxy, certificate, version } = way;
    const key = `${version ?? ""} ${certificate?.id ?? ""} ${proxy?.key ?? ""}`;
    const ways = (this.#ways ??= new Map());
    const pool = ways.get(key) ?? this.#wayPool?.(way) ?? null;
    if (pool === null) return null;
    // The one that was longest not used makes room.
    if (!ways.delete(key) && ways.size >= maxWays) this.#forgetWay(ways);
    ways.set(key, pool);
    return pool;
  }

  /** What is under way there ends as usual. */
  #forgetWay(ways: Map<string, TransportPool>): void {
    for (const [key, pool] of ways) {
      ways.delete(key);
      pool.retire();
      return;
    }
  }

  /** An attempt begins; `leave` follows. @returns what its end is told with, there and to `health` */
  enter(): number {
    this.active += 1;
    return this.health.began();
  }

  leave(era: number): void {
    this.active -= 1;
    this.health.left(era);
  }

  /** DNS may give it another one. */
  share(weight: number, priority: number): void {
    this.#weight = weight;
    this.priority = priority;
  }

  /** It is new, or back: its caches are cold, and a full share at once could take it down again. */
  startSlowly(): void {
    if (this.#slowStartMs > 0) this.#slowSince = this.#clock.mono();
  }

  status(backend: string): TargetStatus {
    const { address, active, weight, priority } = this;
    const condition: TargetCondition = this.health.condition;
    return { backend, target: address, condition, active, weight, priority };
  }

  retire(): void {
    this.pool.retire();
    for (const pool of this.#ways?.values() ?? []) pool.retire();
    this.health.retire();
  }

  #share(): number {
    const passed = (this.#clock.mono() - this.#slowSince) / this.#slowStartMs;
    if (passed >= 1) this.#slowSince = -1;
    return Math.min(1, Math.max(slowestShare, passed));
  }
}
