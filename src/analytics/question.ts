import type { Dimension } from "./dimensions.ts";
import type { Level } from "./levels.ts";

/** What groups can be ordered by; the largest first. */
export const orders = [
  "calls",
  "denied",
  "errors",
  "bytesIn",
  "bytesOut",
  "tokens",
  "mean",
  "p50",
  "p95",
  "p99",
  "max",
] as const;
export type Order = (typeof orders)[number];

export interface Question {
  /** Milliseconds since the epoch. */
  readonly from: number;
  readonly to: number;
  /** Milliseconds between two points; null: no points are asked for. */
  readonly step: number | null;
  readonly by: readonly Dimension[];
  /** Values that a dimension may have. */
  readonly where: Readonly<Partial<Record<Dimension, readonly string[]>>>;
  /** Dimensions in which a request must have a value. */
  readonly having?: readonly Dimension[];
  /** Only what was turned away. */
  readonly deniedOnly?: true;
  readonly order: Order;
  readonly top: number;
}

export interface Latency {
  readonly mean: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

export interface Measures {
  readonly calls: number;
  /** Turned away: by a door of ours, not by the upstream. */
  readonly denied: number;
  /** Of status 5xx. */
  readonly errors: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly cacheHits: number;
  readonly tokens: number;
  /** Milliseconds; null: nothing has a time. */
  readonly latency: Latency | null;
}

export interface Point extends Measures {
  /** Milliseconds since the epoch. */
  readonly start: number;
}

export interface Group extends Measures {
  /** Values of the dimensions that were asked for. */
  readonly by: Readonly<Partial<Record<Dimension, string>>>;
  /** Those without a call are left out. */
  readonly points?: readonly Point[];
}

export interface Answer {
  /** As far as what is kept can tell: whole minutes, hours or days. */
  readonly from: number;
  readonly to: number;
  readonly resolution: Level;
  readonly step: number | null;
  readonly total: Measures;
  readonly groups: readonly Group[];
  /** Groups beyond the first `top`. */
  readonly omitted: number;
}
