import type { Backend } from "#model/definition.ts";
import { noBody } from "#wire/http1-request-writer.ts";
import type { PoolSettings } from "#wire/pool.ts";
import { Timeout } from "#wire/timer-wheel.ts";
import { fetchOnce } from "./fetch-call.ts";
import type { UpstreamTarget } from "./target.ts";
import type { TargetSet } from "./target-set.ts";
import type { TargetContext } from "./targets.ts";

type HealthSetting = NonNullable<Backend["health"]>;

/** A probe's answer is not wanted, only that there is one. */
const maxProbeBytes = 64 * 1024;

/** Active checks: each target of a backend that asks for it gets its path each interval. 2xx and 3xx pass. */
export class HealthChecks {
  readonly #pool: TargetContext["pool"];
  #probes: Map<UpstreamTarget, Probe> = new Map();
  #running = false;

  constructor(pool: TargetContext["pool"]) {
    this.#pool = pool;
  }

  /** The targets to check from now on. Those that were checked before go on in their rhythm. */
  follow(backends: readonly Backend[], sets: readonly TargetSet[]): void {
    const before = this.#probes;
    this.#probes = new Map();
    for (const [index, { health }] of backends.entries()) {
      if (health === null) continue;
      for (const target of sets[index]?.targets ?? []) {
        this.#probes.set(target, before.get(target) ?? new Probe(target, health, this.#pool));
      }
    }
    for (const [target, probe] of before) if (!this.#probes.has(target)) probe.stop();
    if (this.#running) this.start();
  }

  start(): void {
    this.#running = true;
    for (const probe of this.#probes.values()) probe.start();
  }

  stop(): void {
    this.#running = false;
    for (const probe of this.#probes.values()) probe.stop();
  }
}

class Probe {
  readonly #target: UpstreamTarget;
  readonly #setting: HealthSetting;
  readonly #pool: PoolSettings;
  readonly #timeout: Timeout = new Timeout(() => this.#due());
  #running = false;

  constructor(target: UpstreamTarget, setting: HealthSetting, pool: TargetContext["pool"]) {
    this.#target = target;
    this.#setting = setting;
    const connectTimeoutMs = setting.timeoutMs;
    this.#pool = { ...pool, connectTimeoutMs, maxConnections: 1, maxWaiting: 0, idleTimeoutMs: 0 };
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#due();
  }

  stop(): void {
    this.#running = false;
    this.#pool.wheel.disarm(this.#timeout);
  }

  #due(): void {
    void this.#probe();
  }

  async #probe(): Promise<void> {
    const passed = await this.#passes();
    if (!this.#running) return;
    this.#target.health.probed(passed);
    this.#pool.wheel.arm(this.#timeout, this.#setting.intervalMs);
  }

  async #passes(): Promise<boolean> {
    try {
      const { status } = await fetchOnce(this.#plan(), this.#pool);
      return status >= 200 && status < 400;
    } catch {
      return false;
    }
  }

  #plan(): Parameters<typeof fetchOnce>[0] {
    const { destination, pool } = this.#target;
    const { path, timeoutMs } = this.#setting;
    const target = `${destination.basePath}${path}`;
    const head = { method: "GET", target, host: destination.authority, fields: [], framing: noBody };
    return { target: pool.target, head, body: null, timeoutMs, maxBytes: maxProbeBytes };
  }
}
