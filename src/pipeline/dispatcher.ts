import { refuse } from "#model/decision.ts";
import type { Exchange } from "#model/exchange.ts";
import type { ForwardPort } from "#model/ports.ts";
import type { Snapshot } from "#model/snapshot.ts";
import { Flow } from "./flow.ts";
import type { GatewayHandles } from "./handles.ts";
import { type LinkedSnapshot, linkSnapshot, type StablePorts } from "./linked.ts";

export interface DispatcherOptions {
  readonly snapshot: Snapshot;
  readonly forward: ForwardPort;
  readonly ports: StablePorts;
  readonly handles: GatewayHandles;
  /** The record cannot keep up: refuse what is new. */
  readonly isOverloaded: () => boolean;
}

export interface Dispatcher {
  /** Takes one exchange from the edge to its end. */
  readonly handle: (exchange: Exchange) => void;
  /** New exchanges run under this snapshot; those on their way finish under theirs. @throws when it cannot be linked */
  use(snapshot: Snapshot, forward: ForwardPort): void;
}

export function createDispatcher(options: DispatcherOptions): Dispatcher {
  let linked: LinkedSnapshot = linkSnapshot(options.snapshot, options.ports, options.forward);
  return {
    handle: (exchange) => {
      const flow = new Flow(exchange, linked, options.handles);
      if (options.isOverloaded()) flow.refuseAtOnce(refuse("overloaded", { headers: ["Retry-After", "1"] }));
      else flow.start();
    },
    use: (snapshot, forward) => {
      linked = linkSnapshot(snapshot, options.ports, forward);
    },
  };
}
