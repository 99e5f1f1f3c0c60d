import type { Exchange } from "#model/exchange.ts";
import type { GatewayHandles } from "./handles.ts";
import type { LinkedDecisions } from "./linked-decisions.ts";
import type { LinkedSnapshot } from "./linked.ts";

/** What a row works on that decides by the definition and the principal alone. */
export interface Deciding {
  readonly exchange: Exchange;
  readonly linked: LinkedDecisions;
}

/** What a row of the table works on: an exchange, under a definition. */
export interface Passage {
  readonly exchange: Exchange;
  readonly linked: LinkedSnapshot;
  readonly handles: GatewayHandles;
}
