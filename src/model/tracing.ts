import type { AccessReason } from "./access-reasons.ts";
import type { Exchange, Handover } from "./exchange.ts";
import type { Section } from "./policy-tree.ts";

/** Lets whoever has the token see what the gateway does with its own requests, for a while. */
export interface DebugCredential {
  /** Names it; opens nothing. */
  readonly id: string;
  /** SHA-256 of the token, base64url: the token itself is kept nowhere. */
  readonly digest: string;
  /** Only requests of this API; null: of any. */
  readonly api: string | null;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

/** What became of one policy. */
export interface TracedStep {
  readonly section: Section;
  readonly scope: string;
  readonly name: string;
  readonly id: string | null;
  /** In its section: `choose/when[2]/set-header`. */
  readonly path: string;
  /** `file:line`. */
  readonly at: string;
  /** How many policies stand around it. */
  readonly depth: number;
  readonly expressions: readonly TracedExpression[];
  /** Its own; a policy that holds others shows none. */
  readonly changes: readonly Change[];
  /** What it said with `trace` or `context.Trace`; a policy that holds others says nothing itself. */
  readonly traced: readonly string[];
  /** `done`, `answered 200`, `refused rate-limit-exceeded (429)`, `failed: …`; `under way` for one that never ended. */
  readonly outcome: string;
}

export interface TracedExpression {
  /** As it is written, on one line. */
  readonly source: string;
  readonly value: string | null;
  readonly error: string | null;
  readonly secret: boolean;
}

/** Of what a policy may change: `request.url`, `response.header location`, `variable token`. */
export interface Change {
  readonly what: string;
  /** Null: it was not there. */
  readonly before: string | null;
  /** Null: it is gone. */
  readonly after: string | null;
}

export interface TracedRule {
  readonly effect: "allow" | "deny";
  /** `file:line`. */
  readonly at: string;
  readonly source: string;
  readonly reason: AccessReason | null;
  /** Null: it failed, or did not give a bool. */
  readonly value: boolean | null;
}

/** All that a gateway did with one request. Secrets and credentials are masked. */
export interface RequestTrace {
  /** The request's id. */
  readonly id: string;
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly method: string;
  readonly host: string;
  readonly path: string;
  readonly api: string | null;
  readonly operation: string | null;
  readonly principal: string;
  readonly status: number;
  readonly durationMs: number;
  readonly handovers: readonly Handover[];
  readonly rules: readonly TracedRule[];
  /** In the order in which they began. */
  readonly steps: readonly TracedStep[];
  /** Steps that a bound has left out. */
  readonly stepsLeftOut: number;
}

/** A request's own part in being traced. */
export interface RequestDebug {
  /** What the response says of it, when its API is known: name and value of a header field. */
  field(exchange: Exchange): readonly [name: string, value: string];
}

/** The field that the token comes in, as of API Management. */
export const debugField = "apim-debug-authorization";
