/** The least first. */
export const logLevels = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof logLevels)[number];

/** An API's own level, or that of one of its operations, for a while. */
export interface ApiLevel {
  readonly api: string;
  /** Null: of all operations that have none of their own. */
  readonly operation: string | null;
  readonly level: LogLevel;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

/** When a file is closed and another begun, and how many closed ones stay. */
export interface Rotation {
  readonly maxBytes: number;
  readonly maxAgeMs: number;
  readonly keep: number;
}

/** Where a log goes: a file of the data folder, or standard output. */
export type LogTarget = { readonly kind: "file"; readonly rotation: Rotation } | { readonly kind: "stdout" };

export interface LogSettings {
  /** A line for each request that is over; null: none. */
  readonly access: LogTarget | null;
  /** The operational log in a file, besides standard error; null: in none. */
  readonly operational: Rotation | null;
}
