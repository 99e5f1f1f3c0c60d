import { grant } from "./steps/grant.ts";
import { offered } from "./steps/offered.ts";
import { inboundRows, type Row } from "./table.ts";

const [route, ...decisions] = inboundRows as [Row, ...Row[]];

/**
 * The way of a request that another proxy asks about and forwards by itself: the very rows that decide on every other
 * request, and no row behind them that forwards.
 */
export const askTable: readonly Row[] = [
  route,
  { door: "edge", step: "offered", run: offered },
  ...decisions,
  { door: "edge", step: "grant", run: grant },
];
