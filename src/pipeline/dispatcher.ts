import { atOnce, type Steps } from "#lib/slices.ts";
import { refuse } from "#model/decision.ts";
import type { Exchange } from "#model/exchange.ts";
import type { TracedRule } from "#model/tracing.ts";
import type { LinkedAccess } from "#policy/access.ts";
import type { PolicyObserver } from "#policy/observer.ts";
import { answerQuestion } from "./ask.ts";
import { Flow } from "./flow.ts";
import type { GatewayHandles } from "./handles.ts";
import { LastingExchanges } from "./lasting-exchanges.ts";
import { siteTable } from "./site-table.ts";
import {
  type LinkedSnapshot,
  linkSnapshot,
  type SnapshotPorts,
  type StableHandlerPorts,
  type StablePorts,
} from "./linked.ts";

export interface DispatcherOptions {
  readonly first: SnapshotPorts;
  readonly ports: StablePorts;
  readonly handlerPorts: StableHandlerPorts;
  readonly handles: Omit<GatewayHandles, "lasting">;
  /** Whether the record can keep up with one more request. */
  readonly admission: () => Admission;
  readonly tracing: Tracing;
}

/** Of requests that ask to be traced. */
export interface Tracing {
  readonly active: boolean;
  readonly observer: PolicyObserver;
  /** Whether this one is to be, by the token that it shows. */
  begins(exchange: Exchange): boolean;
  judged(exchange: Exchange, rules: readonly TracedRule[]): void;
}

/** `drop`: not even an answer, which would owe a record. */
export type Admission = "take" | "refuse" | "drop";

export interface Dispatcher {
  /** Takes one exchange from the edge to its end. */
  readonly handle: (exchange: Exchange) => void;
  /** What `use` takes. @throws when it cannot be linked */
  link(next: SnapshotPorts): Steps<LinkedSnapshot>;
  /**
   * New exchanges run under this snapshot; those on their way finish under theirs, but those that last must be allowed
   * by this one as well: the others end.
   */
  use(next: LinkedSnapshot): void;
  /** The same for requests that are traced, with an observer in each policy. */
  linkTraced(next: SnapshotPorts): Steps<LinkedSnapshot>;
  /** What traced requests run under, made of the snapshot in force; null: none is traced. */
  useTraced(linked: LinkedSnapshot | null): void;
  /** Exchanges that last are decided again: somebody is not believed any more. */
  review(): void;
}

export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { ports, handlerPorts, admission, tracing } = options;
  let linked = atOnce(linkSnapshot(options.first, ports, handlerPorts));
  let traced: LinkedSnapshot | null = null;
  const lasting = new LastingExchanges();
  const handles: GatewayHandles = { ...options.handles, lasting };
  lasting.start({ handles, current: () => linked });
  return {
    handle: (exchange) => {
      const admitted = admission();
      if (admitted === "drop") return exchange.client.abort();
      if (admitted === "refuse") {
        const headers = ["Retry-After", "1"];
        return new Flow(exchange, linked, handles).refuseAtOnce(refuse("overloaded", { headers }));
      }
      if (linked.forwardAuth?.isQuestion(exchange.facts) === true) return answerQuestion(exchange, linked, handles);
      if (linked.site?.takes(exchange.facts) === true) return new Flow(exchange, linked, handles, siteTable).start();
      const isTraced = traced !== null && tracing.active && tracing.begins(exchange);
      return new Flow(exchange, isTraced && traced !== null ? traced : linked, handles).start();
    },
    linkTraced: (next) => linkTraced(next, options),
    useTraced: (next) => {
      traced = next;
    },
    link: (next) => linkSnapshot(next, ports, handlerPorts),
    use: (next) => {
      linked = next;
      lasting.review();
    },
    review: () => lasting.review(),
  };
}

function* linkTraced(next: SnapshotPorts, { ports, handlerPorts, tracing }: DispatcherOptions): Steps<LinkedSnapshot> {
  const linked = yield* linkSnapshot(next, { ...ports, observer: tracing.observer }, handlerPorts);
  return { ...linked, access: linked.access.map((access) => watchedAccess(access, tracing)) };
}

function watchedAccess(access: LinkedAccess, tracing: Tracing): LinkedAccess {
  return {
    ...access,
    decide: (exchange) => {
      const rules = access
        .explain(exchange)
        .map(({ reason = null, value = null, ...rule }) => ({ ...rule, reason, value }));
      tracing.judged(exchange, rules);
      return access.decide(exchange);
    },
  };
}
