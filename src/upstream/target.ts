import { hashText } from "#lib/hash32.ts";
import type { TransportPool } from "#wire/transport.ts";
import type { Candidate } from "./balance/balancer.ts";
import type { Destination } from "./destination.ts";
import type { TargetHealth } from "./health.ts";

/** One place to send requests to: how to get there, how it is, and how much it has to do. */
export class UpstreamTarget implements Candidate {
  readonly destination: Destination;
  readonly pool: TransportPool;
  readonly health: TargetHealth;
  readonly weight: number;
  readonly priority: number;
  readonly seed: number;
  order = 0;
  active = 0;
  turn = 0;

  constructor(
    destination: Destination,
    pool: TransportPool,
    health: TargetHealth,
    weight: number = 1,
    priority: number = 1,
  ) {
    this.destination = destination;
    this.pool = pool;
    this.health = health;
    this.weight = weight;
    this.priority = priority;
    this.seed = hashText(this.address);
  }

  /** What tells it from the other targets of its backend. */
  get address(): string {
    return `${this.destination.origin}${this.destination.basePath}`;
  }

  get isAvailable(): boolean {
    return this.health.isUp;
  }
}
