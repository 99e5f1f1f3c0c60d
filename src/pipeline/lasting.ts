import type { Exchange, RequestFacts } from "#model/exchange.ts";
import type { Placed } from "#lib/dense-set.ts";
import type { Flow } from "./flow.ts";

/** An exchange without a foreseeable end: a switched connection, an event stream, a response of unknown length. */
export class Lasting implements Placed {
  place = -1;
  readonly flow: Flow;
  readonly facts: RequestFacts;
  /** Milliseconds since the epoch from which its credential may have expired; Infinity when it never does. */
  expiresAt: number;
  /** When its certificate's issuers are asked again, and until when they last said that it is good; likewise. */
  certificateStandsUntil: number;
  certificateGoodUntil: number;

  /** @param facts as the edge received them */
  constructor(flow: Flow, facts: RequestFacts) {
    this.flow = flow;
    this.facts = facts;
    this.expiresAt = expiryOf(flow.exchange);
    this.certificateStandsUntil = flow.exchange.certificateStandsUntil;
    this.certificateGoodUntil = this.certificateStandsUntil;
  }

  /** When it is decided again. */
  get dueAt(): number {
    return Math.min(this.expiresAt, this.certificateStandsUntil);
  }
}

/** Until when whom an exchange is from is known, in milliseconds since the epoch. */
export function expiryOf({ principal, facts, identityUntil }: Exchange): number {
  const { exp } = principal.claims;
  const ofToken = typeof exp === "number" ? exp * 1000 : Infinity;
  return Math.min(ofToken, identityUntil, facts.tls?.certificate?.notAfter ?? Infinity);
}
