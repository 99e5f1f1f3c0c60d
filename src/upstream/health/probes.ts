import type { Backend } from "#model/definition.ts";
import type { RandomFraction } from "#upstream/balance/balancer.ts";
import type { UpstreamTarget } from "#upstream/target.ts";
import type { TargetSet } from "#upstream/target-set.ts";
import type { TargetContext } from "#upstream/targets.ts";
import { Probe } from "./probe.ts";

/**
 * Who probes what. Each target is probed by one worker, which tells the others: probes do not multiply with them.
 * `key` names a target in every worker.
 */
export interface ProbeShare {
  isMine(key: string): boolean;
  /** What the other workers are to hear. */
  publish(key: string, up: boolean): void;
}

export const allMine: ProbeShare = { isMine: () => true, publish: () => undefined };

/** Active checks of all backends that ask for them. */
export class Probes {
  readonly #pool: TargetContext["pool"];
  readonly #random: RandomFraction;
  readonly #share: ProbeShare;
  #probes: ReadonlyMap<UpstreamTarget, Probe> = new Map();
  #targets: ReadonlyMap<string, UpstreamTarget> = new Map();
  #running = false;

  constructor(pool: TargetContext["pool"], random: RandomFraction, share: ProbeShare) {
    this.#pool = pool;
    this.#random = random;
    this.#share = share;
  }

  /** The targets to check from now on. Those that were checked before go on in their rhythm. */
  follow(backends: readonly Backend[], sets: readonly TargetSet[]): void {
    const before = this.#probes;
    const probes = new Map<UpstreamTarget, Probe>();
    const targets = new Map<string, UpstreamTarget>();
    for (const [index, { name, health }] of backends.entries()) {
      if (health === null) continue;
      for (const target of sets[index]?.targets ?? []) {
        const key = `${name} ${target.address}`;
        targets.set(key, target);
        if (!this.#share.isMine(key)) continue;
        const probed = (passed: boolean): void => this.#probed(key, target, passed);
        probes.set(target, before.get(target) ?? new Probe(target, health, this.#pool, this.#random, probed));
      }
    }
    this.#probes = probes;
    this.#targets = targets;
    for (const [target, probe] of before) if (!probes.has(target)) probe.stop();
    if (this.#running) this.start();
  }

  /** What another worker found. */
  learn(key: string, up: boolean): void {
    if (!this.#share.isMine(key)) this.#targets.get(key)?.health.setProbed(up);
  }

  start(): void {
    this.#running = true;
    for (const probe of this.#probes.values()) probe.start();
  }

  stop(): void {
    this.#running = false;
    for (const probe of this.#probes.values()) probe.stop();
  }

  /** While a target is down that is said each time: a worker that has just come takes it for up. */
  #probed(key: string, target: UpstreamTarget, passed: boolean): void {
    const turned = target.health.probed(passed);
    const down = target.health.isProbedDown;
    if (turned || down) this.#share.publish(key, !down);
  }
}
