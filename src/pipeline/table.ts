import type { Door, Outcome, StepResult } from "#model/decision.ts";
import type { Deciding, Passage } from "./passage.ts";
import { beginTap } from "./begin-tap.ts";
import { access } from "./steps/access.ts";
import { authenticate } from "./steps/authenticate.ts";
import { backend } from "./steps/backend.ts";
import { inbound } from "./steps/inbound.ts";
import { outbound } from "./steps/outbound.ts";
import { preflight } from "./steps/preflight.ts";
import { route } from "./steps/route.ts";
import { subscribe } from "./steps/subscribe.ts";

/** A step of a request's way. It gives undefined to go on; anything else ends the request. */
export interface Row {
  readonly door: Door;
  readonly step: string;
  readonly run: (passage: Passage) => StepResult;
}

/** A row that needs to know nothing but the request, who makes it, and the definition. */
export interface DecidingRow extends Row {
  readonly run: (deciding: Deciding) => Outcome;
}

const routed: DecidingRow = { door: "edge", step: "route", run: route };
const subscribed: DecidingRow = { door: "identity", step: "subscribe", run: subscribe };
const allowed: DecidingRow = { door: "policy", step: "access", run: access };
const identified: readonly Row[] = [{ door: "identity", step: "authenticate", run: authenticate }, subscribed, allowed];

/** Runs the policies. */
export const inboundRow: Row = { door: "policy", step: "inbound", run: inbound };

/** Whether a request may pass: the rows that decide, for whoever forwards it then. */
export const inboundRows: readonly Row[] = [
  { ...routed, run: beginTap(route) },
  { door: "policy", step: "preflight", run: preflight },
  ...identified,
  inboundRow,
];

/** Whether an exchange that lasts may go on: the same rows, without those that run policies, which count and change. */
export const standingRows: readonly Row[] = [routed, ...identified];

/** Whether a principal may call, once it is known who that is: for whoever asks without calling. */
export const decidingRows: readonly DecidingRow[] = [routed, subscribed, allowed];

/**
 * THE table: the way of every request, in order. Nothing is forwarded before `permit` is minted in `backend`, and
 * that row is reached only when every row above it has let the request through.
 */
export const requestTable: readonly Row[] = [
  ...inboundRows,
  { door: "upstream", step: "forward", run: backend },
  { door: "outbound", step: "outbound", run: outbound },
];

/** Where an answer goes on that takes the place of the upstream's response. */
export const outboundRow: number = requestTable.findIndex(({ step }) => step === "outbound");
