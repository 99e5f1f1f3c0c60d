import type { Matcher } from "#interop/caddyfile/match/matcher.ts";
import type { Policy } from "#interop/caddyfile/target/policy.ts";

/** Whether a request that comes here is answered by it. */
export type Ends = "always" | "maybe" | "never";

/** What a directive becomes, in the place where it runs. */
export interface Piece {
  readonly directive: string;
  readonly matcher: Matcher;
  readonly policies: readonly Policy[];
  readonly ends: Ends;
  /** It ends by choosing who answers, and not by answering: what follows has to be kept from running. */
  readonly hands: boolean;
  /** What runs ahead of the question whether the matcher holds. */
  readonly before?: readonly Policy[];
  /** Only the first of a group that matches runs. */
  readonly group?: string;
  /** Rules for the response that hold once it has run; see `Site.outbound`. */
  readonly outbound?: string;
}

export interface Joined {
  readonly policies: readonly Policy[];
  readonly ends: Ends;
  readonly hands: boolean;
}
