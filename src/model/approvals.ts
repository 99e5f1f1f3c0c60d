import type { SourcePosition } from "./diagnostic.ts";
import type { Expression } from "./policy-tree.ts";

/** Whom a rule of an approval means: one principal by id, the members of a group, the holders of a role, or CEL. */
export type PartyRule =
  | { readonly kind: "principal"; readonly id: string }
  | { readonly kind: "group"; readonly group: string }
  | { readonly kind: "role"; readonly role: string }
  | { readonly kind: "cel"; readonly condition: Expression };

/**
 * Whose word it takes. `anyOf`: one person whom a rule means. `allOf`: a person for each rule, all of them different.
 * `atLeast`: so many different persons, whichever rules mean them.
 */
export type ApproverPlan =
  | { readonly kind: "anyOf" | "allOf"; readonly rules: readonly PartyRule[] }
  | { readonly kind: "atLeast"; readonly count: number; readonly rules: readonly PartyRule[] };

export interface BreakGlass {
  readonly rules: readonly PartyRule[];
  readonly maxDurationMs: number;
}

/** What somebody may be given for a while: a name that access rules and members of products ask for. */
export interface Approval {
  readonly name: string;
  readonly description: string;
  /** API, or `API/operation`, whose access rules ask for it, and `product NAME` whose members do. */
  readonly opens: readonly string[];
  readonly maxDurationMs: number;
  /** A request that nobody has answered lapses after this. */
  readonly answerWithinMs: number;
  /** Who may ask; empty: whoever is known. */
  readonly requesters: readonly PartyRule[];
  readonly approvers: ApproverPlan;
  /** Null: nobody may take it without an approver. */
  readonly breakGlass: BreakGlass | null;
  /** Addresses that are written to when somebody asks, or breaks the glass. */
  readonly mailTo: readonly string[];
  readonly at: SourcePosition;
}
