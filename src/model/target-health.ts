import type { StatusRange } from "./retries.ts";

/** Asks each target whether it is well. */
export interface ActiveHealth {
  readonly path: string;
  readonly method: string;
  /** Flat `[name, value, …]`; Host among them replaces the target's own. */
  readonly headers: readonly string[];
  /** What is sent, in UTF-8; null: no body. */
  readonly requestBody: string | null;
  readonly statuses: readonly StatusRange[];
  /** What the body must hold: a text, or what an RE2 pattern matches. */
  readonly body: { readonly kind: "contains" | "matches"; readonly text: string } | null;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** In a row, until a target that was down is up. */
  readonly passes: number;
  /** In a row, until it is down. */
  readonly fails: number;
  /** Null: the target's own. */
  readonly port: number | null;
}

/** Learns from the requests themselves. */
export interface PassiveHealth {
  /** This many failures within the duration take a target out until one of them is older. */
  readonly maxFails: number;
  readonly failDurationMs: number;
  readonly statuses: readonly StatusRange[];
  /** Slower answers are failures; 0: however slow. */
  readonly latencyMs: number;
}

export interface CircuitBreaker {
  /** Failures within the interval that trip it; 0: only the share counts. */
  readonly failures: number;
  /** Share of failures within the interval that trips it; 0: only the number counts. */
  readonly percent: number;
  /** The share means nothing below this many requests. */
  readonly minRequests: number;
  readonly intervalMs: number;
  readonly statuses: readonly StatusRange[];
  /** Requests without a response's head are failures. */
  readonly onErrors: boolean;
  readonly tripMs: number;
  /** A failing response's Retry-After is the time it stays open. */
  readonly acceptRetryAfter: boolean;
}

/** Takes out a target that does worse than it should. */
export interface OutlierEjection {
  /** 5xx and broken attempts in a row; 0: not looked at. */
  readonly consecutive: number;
  /** Standard deviations below the mean success rate of all; 0: not looked at. */
  readonly deviations: number;
  readonly intervalMs: number;
  /** Within the interval, for its success rate to count. */
  readonly minRequests: number;
  /** With such a rate, for the mean to mean something. */
  readonly minTargets: number;
  /** Times the number of ejections so far, at most `longestMs`. */
  readonly ejectionMs: number;
  readonly longestMs: number;
  /** Of all targets; one may always be out, unless it is the last. */
  readonly maxPercent: number;
}

export const targetConditions = ["up", "unreachable", "unhealthy", "failing", "ejected", "open", "half-open"] as const;
export type TargetCondition = (typeof targetConditions)[number];

/** How one target is, as this worker sees it. */
export interface TargetStatus {
  readonly backend: string;
  readonly target: string;
  readonly condition: TargetCondition;
  readonly active: number;
  readonly weight: number;
  readonly priority: number;
}
