import { refuse } from "#model/decision.ts";
import type { Exchange } from "#model/exchange.ts";
import { Flow } from "./flow.ts";
import type { GatewayHandles } from "./handles.ts";
import { linkSnapshot, type SnapshotPorts, type StablePorts } from "./linked.ts";

export interface DispatcherOptions {
  readonly first: SnapshotPorts;
  readonly ports: StablePorts;
  readonly handles: GatewayHandles;
  /** The record cannot keep up: refuse what is new. */
  readonly isOverloaded: () => boolean;
}

export interface Dispatcher {
  /** Takes one exchange from the edge to its end. */
  readonly handle: (exchange: Exchange) => void;
  /** New exchanges run under this snapshot; those on their way finish under theirs. @throws when it cannot be linked */
  use(next: SnapshotPorts): void;
}

export function createDispatcher({ first, ports, handles, isOverloaded }: DispatcherOptions): Dispatcher {
  let linked = linkSnapshot(first, ports);
  return {
    handle: (exchange) => {
      const flow = new Flow(exchange, linked, handles);
      if (isOverloaded()) flow.refuseAtOnce(refuse("overloaded", { headers: ["Retry-After", "1"] }));
      else flow.start();
    },
    use: (next) => {
      linked = linkSnapshot(next, ports);
    },
  };
}
