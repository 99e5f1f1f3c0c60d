import type { Discovery } from "#model/discovery.ts";
import type { Clock } from "#model/ports.ts";
import { Timeout, type TimerWheel } from "#wire/timer-wheel.ts";
import type { RandomFraction } from "#upstream/balance/balancer.ts";
import { type DnsQueries, type Endpoint, findEndpoints } from "./endpoints.ts";

export interface DnsDiscoveryParts {
  readonly setting: Discovery;
  readonly dns: DnsQueries;
  readonly clock: Clock;
  readonly wheel: TimerWheel;
  readonly random: RandomFraction;
  /** Takes each answer, and none at all when the last one is too old. */
  readonly use: (endpoints: readonly Endpoint[]) => void;
  /** Told once when answers fail to come, and with null once when they come again. */
  readonly failing: (error: Error | null) => void;
}

/** Share of the interval that a query is early or late at most. */
const jitter = 0.1;
/** After a failure, when the interval is longer. */
const soonMs = 5000;

/** Asks for a backend's targets in intervals. No request waits for it: they use the last answer. */
export class DnsDiscovery {
  readonly #parts: DnsDiscoveryParts;
  readonly #timeout: Timeout = new Timeout(() => void this.#refresh());
  #answeredAt = -Infinity;
  #isFailing = false;
  #stopped = false;
  /** Until the first answer, or the failure to get one; null then. */
  pending: Promise<void> | null;

  constructor(parts: DnsDiscoveryParts) {
    this.#parts = parts;
    this.pending = this.#refresh().finally(() => (this.pending = null));
  }

  stop(): void {
    this.#stopped = true;
    this.#parts.wheel.disarm(this.#timeout);
  }

  async #refresh(): Promise<void> {
    const { setting, dns, wheel, random } = this.#parts;
    try {
      const endpoints = await findEndpoints(setting, dns);
      if (this.#stopped) return;
      this.#answeredAt = this.#parts.clock.mono();
      this.#parts.use(endpoints);
      this.#tell(null);
    } catch (error) {
      if (this.#stopped) return;
      this.#tell(error as Error);
      if (this.#parts.clock.mono() - this.#answeredAt >= setting.staleMs) this.#parts.use([]);
    }
    const waitMs = this.#isFailing ? Math.min(setting.refreshMs, soonMs) : setting.refreshMs;
    wheel.arm(this.#timeout, waitMs * (1 - jitter + 2 * jitter * random()));
  }

  #tell(error: Error | null): void {
    if ((error !== null) === this.#isFailing) return;
    this.#isFailing = error !== null;
    this.#parts.failing(error);
  }
}
