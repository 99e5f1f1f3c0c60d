import type { Backend, EgressSettings } from "#model/definition.ts";
import { GatewayError } from "#model/errors.ts";
import type { Exchange } from "#model/exchange.ts";
import { ComputedTargets } from "./computed-targets.ts";
import { parseDestination, type Destination } from "./destination.ts";
import { createEgressGuard, type EgressGuard, type EgressOptions } from "./egress.ts";
import type { ProxyRoute } from "#wire/tunnel.ts";
import { proxyRoute } from "./proxy-route.ts";
import type { TargetSet } from "./target-set.ts";
import { createBackendTargets, createTrust, type TargetContext } from "./targets.ts";
import { TlsContexts } from "./tls-contexts.ts";

/** What forwarding needs of a definition. */
export interface ForwardSettings {
  /** In the order that `RequestDraft.backend` counts in. */
  readonly backends: readonly Backend[];
  readonly egress: EgressSettings;
}

export interface RoutingContext extends TargetContext {
  readonly egress: Omit<EgressOptions, "allow">;
}

const maxParsed = 1024;

/** One definition's destinations. A later definition has its own, so an exchange never meets another's index. */
export class Routing {
  readonly sets: readonly TargetSet[];
  readonly #keys: readonly string[];
  readonly #guard: EgressGuard;
  readonly #computed: ComputedTargets;
  readonly #parsed: Map<string, Destination> = new Map();

  /** Takes over from `before` the connections and the health of backends that have not changed. */
  constructor(settings: ForwardSettings, context: RoutingContext, before: Routing | null) {
    this.#keys = settings.backends.map((backend) => keyOf(backend, settings.backends));
    this.#guard = createEgressGuard({ ...context.egress, allow: settings.egress.allow });
    const kept = before === null ? new Map<string, TargetSet>() : before.#byKey();
    const made: TargetSet[] = [];
    try {
      this.sets = settings.backends.map((backend, index) => {
        const same = kept.get(this.#keys[index] as string);
        if (same !== undefined) return same;
        const set = createBackendTargets(backend, context, this.#guard.checkDeclared, settings.backends);
        made.push(set);
        return set;
      });
    } catch (error) {
      // What discovers its targets would go on asking.
      for (const set of made) set.retire();
      throw error;
    }
    const contexts = new TlsContexts((certificate) => createTrust(null, null, certificate));
    this.#computed = new ComputedTargets(context, contexts);
  }

  /** @throws GatewayError `egress-refused`, `upstream-unavailable` */
  resolve(exchange: Exchange): TargetSet {
    const { baseUrl, baseUrlComputed, backend } = exchange.request;
    if (baseUrl === null) {
      const set = this.sets[backend];
      if (set === undefined) throw new GatewayError("upstream-unavailable", 503, "the route has no backend");
      return set;
    }
    const destination = this.#parse(baseUrl);
    const leave = baseUrlComputed ? this.#guard.check(destination) : this.#guard.checkDeclared(destination);
    return this.#computed.get(destination, !baseUrlComputed, leave);
  }

  /** The way to a proxy that a policy chose; null: straight there. @throws GatewayError `egress-refused` */
  proxyFor({ request: { proxy } }: Exchange): ProxyRoute | null {
    return proxy === null ? null : proxyRoute(proxy, this.#guard);
  }

  /** Lets go of what `after` does not use. */
  retire(after: Routing | null): void {
    const used = new Set(after?.sets);
    for (const set of this.sets) if (!used.has(set)) set.retire();
    this.#computed.retire();
  }

  #byKey(): Map<string, TargetSet> {
    return new Map(this.#keys.map((key, index) => [key, this.sets[index] as TargetSet]));
  }

  #parse(baseUrl: string): Destination {
    const known = this.#parsed.get(baseUrl);
    if (known !== undefined) return known;
    const destination = parseDestination(baseUrl);
    if (this.#parsed.size >= maxParsed) this.#parsed.clear();
    this.#parsed.set(baseUrl, destination);
    return destination;
  }
}

/** The place in the file does not make another backend; another member does. */
function keyOf(backend: Backend, backends: readonly Backend[]): string {
  const names = new Set(backend.targets.map((target) => target.backend));
  const members = backends.filter(({ name }) => names.has(name));
  return JSON.stringify([backend, ...members].map((one) => ({ ...one, at: null })));
}
