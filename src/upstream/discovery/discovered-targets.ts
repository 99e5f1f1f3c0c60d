import type { Discovery } from "#model/discovery.ts";
import type { GatewayError } from "#model/errors.ts";
import type { UpstreamTarget } from "#upstream/target.ts";
import type { TargetMaker } from "#upstream/target-maker.ts";
import type { TargetSet, TargetSource } from "#upstream/target-set.ts";
import type { TargetContext } from "#upstream/targets.ts";
import { DnsDiscovery } from "./dns-discovery.ts";
import type { Endpoint } from "./endpoints.ts";
import { createNameServer } from "./name-server.ts";

/** Keeps a backend's targets as DNS says. One that the next answer names again keeps its connections and its health. */
export class DiscoveredTargets implements TargetSource {
  readonly #set: TargetSet;
  readonly #asked: string;
  readonly #maker: TargetMaker;
  readonly #context: TargetContext;
  readonly #discovery: DnsDiscovery;
  /** By what makes a target another one; null: it may not be reached. */
  #known: ReadonlyMap<string, UpstreamTarget | null> = new Map();

  constructor(set: TargetSet, setting: Discovery, maker: TargetMaker, context: TargetContext) {
    this.#set = set;
    this.#asked = JSON.stringify(setting);
    this.#maker = maker;
    this.#context = context;
    // Another definition that asks the same begins with what is known.
    const last = context.answers.get(this.#asked);
    if (last !== undefined) this.#use(last);
    const { clock, random, pool } = context;
    this.#discovery = new DnsDiscovery({
      setting,
      dns: (context.nameServer ?? createNameServer)(setting.resolver),
      clock,
      wheel: pool.wheel,
      random,
      use: (endpoints) => this.#use(endpoints),
      failing: (error) => this.#tell(setting.name, error),
    });
  }

  get pending(): Promise<void> | null {
    return this.#discovery.pending;
  }

  stop(): void {
    this.#discovery.stop();
  }

  #use(endpoints: readonly Endpoint[]): void {
    this.#context.answers.set(this.#asked, endpoints);
    const next = new Map<string, UpstreamTarget | null>();
    for (const endpoint of endpoints) {
      const identity = `${endpoint.key} ${endpoint.addresses.join(" ")}`;
      const known = this.#known.get(identity);
      const target = known === undefined ? this.#make(endpoint) : known;
      target?.share(endpoint.weight, endpoint.priority);
      next.set(identity, target);
    }
    this.#known = next;
    this.#replace([...next.values()].filter((target) => target !== null));
  }

  #make(endpoint: Endpoint): UpstreamTarget | null {
    try {
      const target = this.#maker.fromEndpoint(endpoint);
      // The first ones have nobody to take their share meanwhile.
      if (this.#set.targets.length > 0) target.startSlowly();
      return target;
    } catch (error) {
      const why = (error as GatewayError).message;
      this.#context.log?.warn("discovered target refused", { backend: this.#set.name, target: endpoint.key, why });
      return null;
    }
  }

  #replace(targets: readonly UpstreamTarget[]): void {
    const before = this.#set.targets;
    const added = targets.filter((target) => !before.includes(target)).map(({ address }) => address);
    const gone = before.filter((target) => !targets.includes(target)).map(({ address }) => address);
    this.#set.replace(targets);
    if (added.length === 0 && gone.length === 0) return;
    this.#context.log?.info("targets discovered", { backend: this.#set.name, added, gone });
    this.#context.moved?.();
  }

  #tell(name: string, error: Error | null): void {
    const fields = { backend: this.#set.name, name };
    if (error === null) return this.#context.log?.info("discovery works again", fields);
    const message = "discovery fails; the last answer is used until it is too old";
    return this.#context.log?.warn(message, { ...fields, why: error.message });
  }
}
