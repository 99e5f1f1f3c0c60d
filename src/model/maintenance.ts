import type { Expression } from "./policy-tree.ts";

/** Nobody is served but the exceptions. */
export interface Maintenance {
  /** What Retry-After says; null: nothing. */
  readonly retryAfterSeconds: number | null;
  /** HTML for browsers; null: problem+json for everybody. */
  readonly page: string | null;
  /** Client addresses and ranges that are served. */
  readonly allow: readonly string[];
  /** Who else is served. */
  readonly allowWhen: Expression | null;
}
